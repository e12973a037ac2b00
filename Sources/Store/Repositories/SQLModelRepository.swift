package import Database
package import Domain

/// Models and versions in SQL.
package struct SQLModelRepository: ModelRepository {
    let database: any SQLDatabase

    package init(_ database: any SQLDatabase) {
        self.database = database
    }

    package func model(_ id: ModelID) async throws -> (model: Model, owner: User)? {
        try await database.read { connection in
            let row = try connection.first(
                "\(Self.selectWithOwner) WHERE m.id = ? AND m.status <> 'deleted'", [.text(id.rawValue)]
            )
            guard let row else { return nil }
            var model = try Model(row: row, tags: try Self.tags(of: [id], connection))
            model.grants = try SQLGrantRepository.grants(on: id, connection)
            model.currentAliases = try Self.currentAliases(connection, of: id)[id] ?? []
            return (model, try User(row: row, prefix: "u_"))
        }
    }

    package func update(_ model: Model, readAt moment: Timestamp) async throws -> Bool {
        try await database.write { try Self.update(model, readAt: moment, $0) }
    }

    package func delete(_ model: ModelID, at now: Timestamp) async throws {
        try await database.write { try Self.delete(model, at: now, $0) }
    }

    package func purgeable(before moment: Timestamp) async throws -> [Model] {
        try await database.read { connection in
            try connection.query(
                "SELECT * FROM ml_models WHERE status = 'deleted' AND purged_at IS NULL AND deleted_at < ?", [.int(moment.milliseconds)]
            ).map { try Model(row: $0, tags: [:]) }
        }
    }

    package func markPurged(_ model: ModelID) async throws {
        try await database.write { connection in
            try connection.execute("UPDATE ml_models SET purged_at = deleted_at WHERE id = ?", [.text(model.rawValue)])
        }
    }

    package func deployable() async throws -> [(model: Model, version: ModelVersion, api: ModelAPI?)] {
        try await database.read { connection in
            let versions = try connection.query("SELECT * FROM ml_model_versions WHERE is_active = TRUE").map { try ModelVersion(row: $0) }
            let apis = try connection.query("SELECT * FROM ml_model_apis").map { try ModelAPI(row: $0) }
            let apiByModel = Dictionary(apis.map { ($0.modelID, $0) }, uniquingKeysWith: { first, _ in first })
            let grants = try SQLGrantRepository.grants(connection)
            let aliases = try Self.currentAliases(connection)
            let models = try connection.query(
                "SELECT * FROM ml_models WHERE status <> 'deleted' AND current_version_id IS NOT NULL AND status <> 'archived'"
            ).map { row in
                var model = try Model(row: row, tags: [:])
                model.grants = grants[model.id] ?? []
                model.currentAliases = aliases[model.id] ?? []
                return model
            }
            let modelByID = Dictionary(models.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
            return versions.compactMap { version in
                modelByID[version.modelID].map { ($0, version, apiByModel[$0.id]) }
            }
        }
    }

    package func rules() async throws -> [ModelID: ModelRules] {
        try await database.read { connection in
            let grants = try SQLGrantRepository.grants(connection)
            let aliases = try Self.currentAliases(connection)
            let rows = try connection.query(
                "SELECT id, owner_id, is_public, is_anonymous, addresses_json FROM ml_models WHERE status NOT IN ('deleted', 'archived') AND current_version_id IS NOT NULL"
            )
            return Dictionary(
                try rows.map { row in
                    let id = ModelID(stored: try row.text("id"))
                    let rules = ModelRules(
                        ownerID: UserID(stored: try row.text("owner_id")), isPublic: try row.bool("is_public"), isAnonymous: try row.bool("is_anonymous"),
                        addresses: try AddressRange.list(row), grants: grants[id] ?? [], aliases: aliases[id] ?? [])
                    return (id, rules)
                }, uniquingKeysWith: { first, _ in first })
        }
    }

    /// What the versions that serve are called.
    private static func currentAliases(_ connection: any SQLConnection, of id: ModelID? = nil) throws -> [ModelID: Set<String>] {
        let rows = try connection.query(
            "SELECT a.model_id, a.name FROM model_aliases a JOIN ml_models m ON m.id = a.model_id AND m.current_version_id = a.version_id"
                + (id == nil ? "" : " WHERE m.id = ?"), id.map { [.text($0.rawValue)] } ?? [])
        return try rows.reduce(into: [:]) { $0[ModelID(stored: try $1.text("model_id")), default: []].insert(try $1.text("name")) }
    }

    static let selectWithOwner =
        "SELECT m.*, \(User.columns(of: "u", prefix: "u_")) FROM ml_models m JOIN users u ON u.id = m.owner_id"

    static func insertTags(of model: Model, _ connection: any SQLConnection) throws {
        for (position, tag) in model.tags.enumerated() {
            try connection.execute(
                "INSERT INTO tags (model_id, tag, position, created_at) VALUES (?, ?, ?, ?) ON CONFLICT(model_id, tag) DO NOTHING",
                [.text(model.id.rawValue), .text(tag), .int(Int64(position)), .int(model.createdAt.milliseconds)]
            )
        }
    }

    static func tags(of models: [ModelID], _ connection: any SQLConnection) throws -> [String: [String]] {
        guard !models.isEmpty else { return [:] }
        let marks = models.map { _ in "?" }.joined(separator: ", ")
        let rows = try connection.query(
            "SELECT model_id, tag FROM tags WHERE model_id IN (\(marks)) ORDER BY model_id, position", models.map { .text($0.rawValue) }
        )
        var tags: [String: [String]] = [:]
        for row in rows {
            tags[try row.text("model_id"), default: []].append(try row.text("tag"))
        }
        return tags
    }
}

extension Model {
    init(row: SQLRow, tags: [String: [String]]) throws {
        let id = try row.text("id")
        self.init(
            id: ModelID(stored: id),
            name: try row.text("name"),
            description: try row.text("description"),
            type: ModelType(rawValue: try row.text("model_type")) ?? .custom,
            framework: try row.optionalText("framework"),
            category: try row.optionalText("category"),
            tags: tags[id] ?? [],
            isPublic: try row.bool("is_public"),
            isAnonymous: try row.bool("is_anonymous"),
            addresses: try AddressRange.list(row),
            ownerID: UserID(stored: try row.text("owner_id")),
            status: Status(rawValue: try row.text("status")) ?? .pending,
            validationStatus: ValidationStatus(rawValue: try row.text("validation_status")) ?? .pending,
            currentVersionID: try row.optionalText("current_version_id").map(VersionID.init(stored:)),
            version: SemanticVersion(try row.text("version")) ?? .first,
            registered: Registered(
                algorithm: try row.optionalText("algorithm"), metrics: try SQLJSON.optional([String: JSONValue].self, from: try row.optionalText("metrics_json")) ?? [:],
                stage: Stage(rawValue: try row.text("stage")) ?? .development, downloads: Int(try row.int("downloads")), bytes: try row.int("file_bytes"),
                parentID: try row.optionalText("parent_model_id").map(ModelID.init(stored:)),
                rating: RatingSummary(count: Int(try row.int("rating_count")), sum: Int(try row.int("rating_sum")))),
            needsApproval: try row.bool("needs_approval"),
            history: HistoryPolicy(rate: try row.double("history_rate"), days: Int(try row.int("history_days"))),
            createdAt: Timestamp(milliseconds: try row.int("created_at")),
            updatedAt: Timestamp(milliseconds: try row.int("updated_at"))
        )
        isModerated = try row.bool("is_moderated")
    }
}

extension AddressRange {
    fileprivate static func list(_ row: SQLRow) throws -> [AddressRange]? {
        try SQLJSON.optional([String].self, from: try row.optionalText("addresses_json"))?.compactMap(AddressRange.init)
    }
}
