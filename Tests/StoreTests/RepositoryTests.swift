import Database
import Domain
import Foundation
import Testing
import TestSupport

@testable import Store

/// The repositories over a real database file.
@Suite("Repositories")
struct RepositoryTests {
    private let clock = ManualClock()

    private func database() async throws -> SQLiteDatabase {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).sqlite").path
        let database = try SQLiteDatabase(path: path)
        try await Migrator(Schema.migrations).migrate(database, at: clock.now)
        return database
    }

    private func user(_ name: String, in database: any SQLDatabase) async throws -> User {
        let user = User(id: UserID(at: clock.now), email: "\(name)@example.com", username: name, role: .developer, createdAt: clock.now)
        try await SQLUserRepository(database).add(user, passwordHash: "x", invitation: nil)
        return user
    }

    private func add(
        _ name: String, of owner: User, to repository: SQLModelRepository, as id: ModelID? = nil, version: SemanticVersion? = nil, tags: [String] = [],
        isPublic: Bool = false
    ) async throws -> ModelVersion {
        let now = clock.now
        let modelID = id ?? ModelID(at: now)
        let model = Model(
            id: modelID, name: name, description: "100% of \(name)", type: .sklearn, framework: nil, category: nil, tags: tags, isPublic: isPublic,
            ownerID: owner.id, version: .first, createdAt: now, updatedAt: now
        )
        let new = NewVersion(
            id: VersionID(at: now), modelID: modelID, ownerID: owner.id, version: version, fileName: "model.pkl", originalName: "m.pkl", fileSize: 1,
            fileHash: "h", format: .pickle, requirements: ["numpy"], pythonVersion: nil, inputSchema: nil, outputSchema: nil, notes: nil,
            createdBy: owner.id, createdAt: now
        )
        let task = PlatformTask(
            id: TaskID(at: now), kind: .validation, modelID: modelID, versionID: new.id, ownerID: owner.id, subject: "", createdAt: now, updatedAt: now)
        let validation = Validation(id: ValidationID(at: now), modelID: modelID, versionID: new.id, taskID: task.id, requestedBy: owner.id, createdAt: now)
        return try await repository.add(new, to: id == nil ? model : nil, within: AccountLimits(), validation: validation, task: task) { _ in }
    }

    @Test("A changed or unknown migration is refused")
    func migrations() async throws {
        let database = try await database()
        try await Migrator(Schema.migrations).migrate(database, at: clock.now)
        let changed = [Migration("0001-accounts", ["SELECT 1"])] + Schema.migrations.dropFirst()
        await #expect(throws: PlatformError.self) { try await Migrator(changed).migrate(database, at: clock.now) }
        await #expect(throws: PlatformError.self) { try await Migrator(Array(Schema.migrations.dropLast())).migrate(database, at: clock.now) }
    }

    @Test("A migration that fails in the middle leaves nothing")
    func halfMigration() async throws {
        let database = try await database()
        let broken = Schema.migrations + [Migration("0009-broken", ["CREATE TABLE half (id TEXT)", "NOT SQL"])]
        await #expect(throws: PlatformError.self) { try await Migrator(broken).migrate(database, at: clock.now) }
        let tables = try await database.read { try $0.query("SELECT name FROM sqlite_master WHERE name = 'half'").count }
        #expect(tables == 0)
    }

    @Test("Versions count up, keep their own numbers, and are refused twice")
    func versions() async throws {
        let database = try await database()
        let repository = SQLModelRepository(database)
        let owner = try await user("a", in: database)
        let first = try await add("m", of: owner, to: repository)
        #expect(first.version == .first && first.ordinal == 1 && first.filePath == "models/\(owner.id)/\(first.modelID)/v1/model.pkl")
        let second = try await add("m", of: owner, to: repository, as: first.modelID)
        #expect(second.version.description == "1.1.0" && second.ordinal == 2)
        let chosen = try await add("m", of: owner, to: repository, as: first.modelID, version: SemanticVersion("3.0.0"))
        #expect(chosen.ordinal == 3)
        let error = await #expect(throws: PlatformError.self) { _ = try await add("m", of: owner, to: repository, as: first.modelID, version: .first) }
        #expect(error?.code == .conflict)
        #expect(try await repository.versions(of: first.modelID).map(\.ordinal) == [3, 2, 1])
    }

    @Test("When the files cannot be placed there is no row")
    func placeFails() async throws {
        struct DiskFull: Error {}
        let database = try await database()
        let repository = SQLModelRepository(database)
        let owner = try await user("a", in: database)
        let existing = try await add("m", of: owner, to: repository)
        let now = clock.now
        let new = NewVersion(
            id: VersionID(at: now), modelID: existing.modelID, ownerID: owner.id, version: nil, fileName: "model.pkl", originalName: "", fileSize: 1, fileHash: "",
            format: .pickle, requirements: [], pythonVersion: nil, inputSchema: nil, outputSchema: nil, notes: nil, createdBy: owner.id, createdAt: now
        )
        let task = PlatformTask(
            id: TaskID(at: now), kind: .validation, modelID: existing.modelID, versionID: new.id, ownerID: owner.id, subject: "", createdAt: now, updatedAt: now)
        let validation = Validation(id: ValidationID(at: now), modelID: existing.modelID, versionID: new.id, taskID: task.id, requestedBy: owner.id, createdAt: now)
        await #expect(throws: DiskFull.self) {
            try await repository.add(new, to: nil, within: AccountLimits(), validation: validation, task: task) { _ in throw DiskFull() }
        }
        #expect(try await repository.version(new.id) == nil)
        #expect(try await SQLTaskRepository(database).task(task.id) == nil)
    }

    @Test("A list shows what the caller may see, filtered and page by page")
    func lists() async throws {
        let database = try await database()
        let repository = SQLModelRepository(database)
        let owner = try await user("a", in: database)
        let other = try await user("b", in: database)
        for number in 0..<5 {
            clock.advance(seconds: 1)
            _ = try await add("m\(number)", of: owner, to: repository, tags: number == 2 ? ["x", "y"] : [], isPublic: number == 3)
        }
        var query = ModelQuery()
        query.visibleTo = ModelQuery.Viewer(user: other.id, groups: [], now: clock.now)
        #expect(try await repository.models(query).models.map(\.model.name) == ["m3"])
        query.visibleTo = ModelQuery.Viewer(user: owner.id, groups: [], now: clock.now)
        query.limit = 2
        let page = try await repository.models(query)
        #expect(page.models.map(\.model.name) == ["m4", "m3"] && page.total == 5)
        query.after = page.models.last.map { ModelQuery.Cursor(createdAt: $0.model.createdAt, id: $0.model.id.rawValue) }
        #expect(try await repository.models(query).models.map(\.model.name) == ["m2", "m1"])
        query = ModelQuery()
        query.tag = "y"
        #expect(try await repository.models(query).models.map(\.model.tags) == [["x", "y"]])
        query = ModelQuery()
        query.search = "100% OF M4"
        #expect(try await repository.models(query).total == 1)
        query.search = "1%0"
        #expect(try await repository.models(query).total == 0)
    }

    @Test("Of changes that are written together none stays when one of them is too late")
    func changesTogether() async throws {
        let database = try await database()
        let owner = try await user("a", in: database)
        let repository = SQLModelRepository(database)
        let ids = [try await add("first", of: owner, to: repository).modelID, try await add("second", of: owner, to: repository).modelID]
        func changes(readAt moment: Timestamp? = nil) async throws -> [CatalogueChange] {
            var changes: [CatalogueChange] = []
            for id in ids {
                var model = try #require(try await repository.model(id)).model
                let readAt = id == ids[1] ? moment ?? model.updatedAt : model.updatedAt
                model.tags = ["changed"]
                model.updatedAt = model.updatedAt.adding(milliseconds: 1)
                changes.append(.update(model, readAt: readAt))
            }
            return changes
        }
        #expect(try await repository.apply(try await changes(readAt: Timestamp(milliseconds: 1))) == nil)
        for id in ids { #expect(try await repository.model(id)?.model.tags == []) }
        #expect(try await repository.apply(try await changes())?.count == 2)
        for id in ids { #expect(try await repository.model(id)?.model.tags == ["changed"]) }
    }

    @Test("What a list has in all is right whether it comes from counters or is counted, and a long one says that it was not counted to its end")
    func totals() async throws {
        let database = try await database()
        let (owner, other) = (try await user("a", in: database), try await user("b", in: database))
        let repository = SQLModelRepository(database)
        let now = clock.now
        try await database.write { connection in
            for number in 0..<1010 {
                let model = Model(
                    id: ModelID(at: Timestamp(milliseconds: Int64(number))), name: "m\(number)", description: "", type: .sklearn, framework: nil,
                    category: number < 7 ? "few" : "many", tags: number < 5 ? ["rare", "all"] : ["all"], isPublic: number % 2 == 0,
                    ownerID: number % 5 == 0 ? owner.id : other.id,
                    status: number % 10 == 3 ? .active : .pending, version: .first, createdAt: now, updatedAt: now)
                try SQLModelRepository.insert(model, connection)
            }
        }
        let viewer = ModelQuery.Viewer(user: owner.id, groups: [], now: now)
        func total(_ change: (inout ModelQuery) -> Void) async throws -> (Int, Bool) {
            var query = ModelQuery()
            change(&query)
            let page = try await repository.models(query)
            return (page.total, page.isTotalExact)
        }
        #expect(try await total { _ in } == (1010, true))
        #expect(try await total { $0.visibleTo = viewer } == (606, true))
        #expect(try await total { $0.status = .active } == (101, true))
        #expect(try await total { ($0.visibleTo, $0.status) = (viewer, .active) } == (0, true))
        #expect(try await total { $0.isPublic = true } == (505, true))
        #expect(try await total { $0.isPublic = false } == (505, true))
        #expect(try await total { ($0.visibleTo, $0.isPublic) = (viewer, false) } == (101, true))
        #expect(try await total { ($0.visibleTo, $0.isPublic, $0.status) = (viewer, false, .pending) } == (101, true))
        #expect(try await total { $0.category = "few" } == (7, true))
        #expect(try await total { $0.tag = "rare" } == (5, true))
        #expect(try await total { $0.tags = ["rare", "none"] } == (5, true))
        #expect(try await total { $0.category = "many" } == (150, false), "100 beyond the page")
        #expect(try await total { ($0.category, $0.offset) = ("many", 900) } == (1003, true))
        #expect(try await total { $0.words = "m7" } == (111, true))
        try await database.write { connection in
            try connection.execute(
                "INSERT INTO ml_model_permissions (id, model_id, user_id, permission_type, granted_by, granted_at) SELECT 'g' || id, id, ?, 'read', ?, 0 FROM ml_models WHERE name = 'm3'",
                [.text(owner.id.rawValue), .text(other.id.rawValue)])
        }
        #expect(try await total { $0.visibleTo = viewer } == (607, true))
        #expect(try await total { ($0.visibleTo, $0.status) = (viewer, .active) } == (1, true))
    }

    @Test("Statistics of ten thousand known models, while they change")
    func statistics() async throws {
        let database = try await database()
        let owners = [try await user("a", in: database), try await user("b", in: database)]
        let catalogue = SQLCatalogueRepository(database)
        let now = Timestamp(milliseconds: 1_800_000_000_000)
        let algorithms = ["svm", "random_forest", "xgboost"]
        try await database.write { connection in
            for number in 0..<10_000 {
                let created = now.adding(seconds: -Int64(number % 20) * 86_400 - 60)
                var model = Model(
                    id: ModelID(at: Timestamp(milliseconds: Int64(number))), name: "m\(number)", description: "", type: .sklearn, framework: nil, category: nil, tags: [],
                    isPublic: number % 4 == 0, ownerID: owners[number % 2].id, status: number % 8 == 1 ? .archived : .active, version: .first, createdAt: created,
                    updatedAt: created)
                model.registered.algorithm = algorithms[number % 3]
                try SQLModelRepository.insert(model, connection)
                try connection.execute(
                    "UPDATE ml_models SET algorithm = ?, downloads = ?, file_bytes = ? WHERE id = ?",
                    [.text(algorithms[number % 3]), .int(Int64(number % 5)), .int(Int64(number % 2) * 100), .text(model.id.rawValue)])
            }
            // Of every hundredth it is known no more, and every fiftieth that was private becomes public.
            try connection.execute("UPDATE ml_models SET status = 'deleted' WHERE CAST(SUBSTR(name, 2) AS INTEGER) % 100 = 7")
            try connection.execute("UPDATE ml_models SET is_public = TRUE WHERE CAST(SUBSTR(name, 2) AS INTEGER) % 50 = 1")
        }
        for viewer in [nil, owners[0], owners[1]] {
            let seen = (0..<10_000).filter { number in
                guard number % 100 != 7 else { return false }
                return viewer == nil || number % 4 == 0 || number % 50 == 1 || owners[number % 2].id == viewer?.id
            }
            let statistics = try await catalogue.statistics(for: viewer.map { ModelQuery.Viewer(user: $0.id, groups: [], now: now) }, at: now)
            #expect(statistics.models == seen.count)
            #expect(statistics.byAlgorithm == Dictionary(grouping: seen) { algorithms[$0 % 3] }.mapValues(\.count))
            #expect(statistics.byStatus == Dictionary(grouping: seen) { $0 % 8 == 1 ? "archived" : "active" }.mapValues(\.count))
            #expect(statistics.downloads == seen.reduce(0) { $0 + $1 % 5 })
            #expect(statistics.bytes == seen.reduce(0) { $0 + Int64($1 % 2) * 100 } && statistics.stored == seen.count { $0 % 2 == 1 })
            let days = Dictionary(grouping: seen) { now.day - now.adding(seconds: -Int64($0 % 20) * 86_400 - 60).day }.mapValues(\.count)
            #expect(statistics.addedToday == days[0] ?? 0 && statistics.addedInSevenDays == (0..<7).reduce(0) { $0 + (days[$1] ?? 0) })
        }
        #expect(try await catalogue.drift() == 0)
        #expect(try await catalogue.mostDownloaded(limit: 3).map(\.downloads) == [4, 4, 4])
    }

    @Test("A refresh token that is used twice ends the session")
    func sessions() async throws {
        let database = try await database()
        let owner = try await user("a", in: database)
        let repository = SQLSessionRepository(database)
        let session = Session(id: SessionID(at: clock.now), userID: owner.id, tokenHash: "one", expiresAt: clock.now.adding(seconds: 100), createdAt: clock.now)
        try await repository.add(session)
        let later = clock.now.adding(seconds: 100)
        guard case .rotated = try await repository.rotate(hash: "one", to: "two", expiresAt: later, now: clock.now) else { return #expect(Bool(false), "not rotated") }
        guard case .reused = try await repository.rotate(hash: "one", to: "three", expiresAt: later, now: clock.now) else { return #expect(Bool(false), "reuse unseen") }
        guard case .unknown = try await repository.rotate(hash: "two", to: "four", expiresAt: later, now: clock.now) else {
            return #expect(Bool(false), "session goes on")
        }
        #expect(try await repository.ended(since: clock.now) == [session.id])
    }

    @Test("Each task is claimed once, and a running one is put back")
    func tasks() async throws {
        let database = try await database()
        let owner = try await user("a", in: database)
        let models = SQLModelRepository(database)
        for _ in 0..<10 { _ = try await add("m", of: owner, to: models) }
        let repository = SQLTaskRepository(database)
        let now = clock.now
        let claimed = try await withThrowingTaskGroup(of: TaskID?.self) { group in
            for _ in 0..<20 { group.addTask { try await repository.claim(at: now)?.id } }
            return try await group.reduce(into: []) { $0.append($1) }.compactMap(\.self)
        }
        #expect(claimed.count == 10 && Set(claimed).count == 10)
        #expect(try await repository.requeueRunning(at: now) == 10)
        #expect(try await repository.claim(at: now)?.attempts == 2)
    }

    @Test("Usage adds up")
    func usage() async throws {
        let database = try await database()
        let repository = SQLUsageRepository(database)
        let model = ModelID(at: clock.now)
        let user = UserID(at: clock.now)
        let key = KeyID(at: clock.now)
        let records = [200, 200, 500].map { status in
            UsageRecord(
                modelID: model, versionID: VersionID(at: clock.now), apiID: nil, userID: user, keyID: key, endpoint: "/predict", rows: status == 200 ? 10 : 0,
                responseStatus: status, responseMilliseconds: 3, errorMessage: nil, address: nil,
                at: clock.now)
        }
        try await repository.append(records)
        try await repository.append([records[0]])
        let statistics = try await repository.statistics(of: model)
        #expect(statistics.totalCalls == 4 && statistics.successRate == 0.75 && statistics.averageResponseMilliseconds == 3)
        let spent = [KeyBudget.Period.day: Spending(predictions: 30, milliseconds: 12), .month: Spending(predictions: 30, milliseconds: 12)]
        #expect(try await repository.spendings(at: clock.now) == [key: spent])
        #expect(try await repository.spendings(at: clock.now.adding(seconds: 40 * 86_400)).isEmpty)
    }

    @Test("Every call of a batch is a row of its own, whether many are alike or each is another")
    func calls() async throws {
        let database = try await database()
        let model = ModelID(at: clock.now)
        let versions = (0..<2).map { _ in VersionID(at: clock.now) }
        let now = clock.now
        let records = (0..<1200).map { (number: Int) -> UsageRecord in
            let hasFailed = number % 100 == 3
            return UsageRecord(
                modelID: model, versionID: versions[number % 2], apiID: nil, userID: nil, keyID: nil, endpoint: "/predict", rows: number % 400 == 7 ? number : 1,
                responseStatus: hasFailed ? 500 : 200, responseMilliseconds: Double(number) / 8, errorMessage: hasFailed ? "failed \(number)" : nil,
                address: number % 3 == 0 ? "10.0.0.\(number % 9)" : nil, at: now.adding(milliseconds: Int64(number)))
        }
        try await SQLUsageRepository(database).append(records)
        let rows = try await database.read { try $0.query("SELECT * FROM ml_model_usage_logs ORDER BY created_at", []) }
        let ids = Set(try rows.map { try $0.text("id") })
        #expect(rows.count == records.count && ids.count == records.count)
        for (row, record) in zip(rows, records) {
            #expect(try row.text("model_id") == model.rawValue)
            #expect(try row.text("version_id") == record.versionID.rawValue)
            #expect(try row.int("row_count") == Int64(record.rows))
            #expect(try row.int("response_status") == Int64(record.responseStatus))
            #expect(try row.double("response_time_ms") == record.responseMilliseconds)
            let (message, address) = (try row.optionalText("error_message"), try row.optionalText("ip_address"))
            #expect(message == record.errorMessage && address == record.address)
            #expect(try row.int("created_at") == record.at.milliseconds)
            let user = try row.optionalText("user_id")
            #expect(user == nil)
        }
    }

    @Test("The rules of the models that serve, with what was given on them; others, and older writes, change nothing")
    func rules() async throws {
        let database = try await database()
        let (owner, friend) = (try await user("owner", in: database), try await user("friend", in: database))
        let repository = SQLModelRepository(database)
        let version = try await add("m", of: owner, to: repository, isPublic: true)
        _ = try await add("idle", of: owner, to: repository)
        try await repository.activate(version.id, of: version.modelID, at: clock.now)
        let grant = ModelGrant(
            id: GrantID(at: clock.now), modelID: version.modelID, grantee: .user(friend.id), level: .execute, grantedBy: owner.id, grantedAt: clock.now,
            expiresAt: nil)
        try await SQLGrantRepository(database).save(grant)
        let before = try await AccessChanges(database).count()
        var model = try #require(try await repository.model(version.modelID)).model
        let read = model.updatedAt
        model.addresses = [try #require(AddressRange("10.0.0.0/8"))]
        model.updatedAt = read.adding(seconds: 1)
        #expect(try await repository.update(model, readAt: read))
        #expect(try await AccessChanges(database).count() == before + 1)
        let rules = try await repository.rules()
        #expect(rules.count == 1 && rules[version.modelID]?.ownerID == owner.id && rules[version.modelID]?.isPublic == true)
        #expect(rules[version.modelID]?.grants == [grant] && rules[version.modelID]?.addresses == model.addresses)
        // What was read before that change is not written over it.
        model.isPublic = false
        #expect(try await !repository.update(model, readAt: read))
        #expect(try await repository.rules()[version.modelID]?.isPublic == true)
        try await repository.delete(version.modelID, at: clock.now)
        #expect(try await repository.rules().isEmpty)
    }
}
