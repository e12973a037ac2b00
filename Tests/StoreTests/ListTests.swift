import Database
import Domain
import Foundation
import Testing
import TestSupport

@testable import Store

/// Lists of thousands of models, beside the same lists made in memory.
@Suite("Lists of models")
struct ListTests {
    private let clock = ManualClock()

    @Test("Pages by tags and words hold the newest models, each once, however many have them")
    func newest() async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).sqlite").path
        defer { for ending in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + ending) } }
        let database = try SQLiteDatabase(path: path)
        try await Migrator(Schema.migrations).migrate(database, at: clock.now)
        let repository = SQLModelRepository(database)
        let owners = try await ["a", "b"].asyncMap { name in
            let user = User(id: UserID(at: clock.now), email: "\(name)@example.com", username: name, role: .developer, createdAt: clock.now)
            try await SQLUserRepository(database).add(user, passwordHash: "x", invitation: nil)
            return user
        }
        // Several of one moment, so that the id decides between them.
        let all = (0..<6000).map { number in
            Model(
                id: ModelID(at: Timestamp(milliseconds: Int64(number))), name: number % 2 == 0 ? "even one" : "odd one", description: "", type: .sklearn,
                framework: nil, category: nil, tags: Self.tags(number), isPublic: number % 3 != 0, ownerID: owners[number % 2].id, version: .first,
                createdAt: Timestamp(milliseconds: 1_800_000_000_000 + Int64(number / 4)), updatedAt: clock.now)
        }
        try await database.write { connection in
            for model in all { try SQLModelRepository.insert(model, connection) }
        }
        let viewer = ModelQuery.Viewer(user: owners[0].id, groups: [], now: clock.now)
        let order = all.sorted { ($0.createdAt, $0.id) > ($1.createdAt, $1.id) }
        func ids(_ change: (inout ModelQuery) -> Void) async throws -> [ModelID] {
            var query = ModelQuery()
            query.limit = 30
            change(&query)
            let page = try await repository.models(query)
            let end = query.offset + page.models.count
            #expect(page.isTotalExact ? page.models.count < query.limit || page.total >= end : page.total >= end + 100, "the pages go on")
            return page.models.map(\.model.id)
        }
        let wishes: [(@Sendable (inout ModelQuery) -> Void, @Sendable (Model) -> Bool)] = [
            ({ $0.tags = ["half"] }, { $0.tags.contains("half") }),
            ({ $0.tags = ["half", "third"] }, { $0.tags.contains("half") || $0.tags.contains("third") }),
            ({ $0.tag = "third" }, { $0.tags.contains("third") }),
            (
                { ($0.tags, $0.visibleTo) = (["half", "third"], viewer) },
                { ($0.tags.contains("half") || $0.tags.contains("third")) && ($0.isPublic || $0.ownerID == viewer.user) }
            ),
            ({ ($0.tag, $0.tags) = ("third", ["half"]) }, { $0.tags.contains("half") && $0.tags.contains("third") }),
            ({ ($0.tags, $0.words) = (["third"], "even") }, { $0.tags.contains("third") && $0.name.hasPrefix("even") }),
            ({ ($0.tags, $0.isPublic) = (["half", "rare"], false) }, { ($0.tags.contains("half") || $0.tags.contains("rare")) && !$0.isPublic }),
            ({ $0.tags = ["rare", "none"] }, { $0.tags.contains("rare") }),
        ]
        for (place, (wish, isWished)) in wishes.enumerated() {
            let expected = order.filter(isWished)
            for offset in [0, 30, 600, 1950] {
                let found = try await ids {
                    wish(&$0)
                    $0.offset = offset
                }
                #expect(found == expected.dropFirst(offset).prefix(30).map(\.id), "wish \(place) from \(offset) on")
            }
            guard expected.count > 400 else { continue }
            let last = expected[333]
            let found = try await ids {
                wish(&$0)
                $0.after = ModelQuery.Cursor(createdAt: last.createdAt, id: last.id.rawValue)
            }
            #expect(found == expected[334..<364].map(\.id), "wish \(place) after a cursor")
        }
    }

    @Test("Tags that were there before their order was kept get the age of their models")
    func backfill() async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).sqlite").path
        defer { for ending in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + ending) } }
        let database = try SQLiteDatabase(path: path)
        let before = Schema.migrations.prefix { $0.id != Schema.tagOrder.id }
        try await Migrator(Array(before)).migrate(database, at: clock.now)
        let owner = User(id: UserID(at: clock.now), email: "a@example.com", username: "a", role: .developer, createdAt: clock.now)
        try await SQLUserRepository(database).add(owner, passwordHash: "x", invitation: nil)
        let models = [5, 3, 9].map { age in
            Model(
                id: ModelID(at: clock.now), name: "m\(age)", description: "", type: .sklearn, framework: nil, category: nil, tags: [], isPublic: true, ownerID: owner.id,
                version: .first, createdAt: Timestamp(milliseconds: age), updatedAt: clock.now)
        }
        try await database.write { connection in
            for model in models {
                try SQLModelRepository.insert(model, connection)
                try connection.execute("INSERT INTO tags (model_id, tag, position) VALUES (?, 'old', 0)", [.text(model.id.rawValue)])
            }
        }
        try await Migrator(Schema.migrations).migrate(database, at: clock.now)
        let ages = try await database.read { try $0.query("SELECT created_at FROM tags ORDER BY created_at", []).map { try $0.int("created_at") } }
        #expect(ages == [3, 5, 9])
    }

    private static func tags(_ number: Int) -> [String] {
        (number % 2 == 0 ? ["half"] : []) + (number % 3 == 0 ? ["third"] : []) + (number % 600 == 0 ? ["rare"] : [])
    }
}

extension Sequence where Element: Sendable {
    fileprivate func asyncMap<Result>(_ change: (Element) async throws -> Result) async rethrows -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await change(element)) }
        return results
    }
}
