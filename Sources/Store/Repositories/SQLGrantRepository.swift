package import Database
package import Domain

/// Permissions on models in SQL.
package struct SQLGrantRepository: GrantRepository {
    private let database: any SQLDatabase

    package init(_ database: any SQLDatabase) {
        self.database = database
    }

    package func save(_ grant: ModelGrant) async throws {
        let (column, grantee) =
            switch grant.grantee {
            case .user(let id): ("user_id", id.rawValue)
            case .group(let id): ("group_id", id.rawValue)
            }
        try await database.write { connection in
            try connection.execute("DELETE FROM ml_model_permissions WHERE model_id = ? AND \(column) = ?", [.text(grant.modelID.rawValue), .text(grantee)])
            try connection.execute(
                """
                INSERT INTO ml_model_permissions (id, model_id, \(column), permission_type, granted_by, granted_at, expires_at)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    .text(grant.id.rawValue), .text(grant.modelID.rawValue), .text(grantee), .text(grant.level.rawValue),
                    .text(grant.grantedBy.rawValue), .int(grant.grantedAt.milliseconds), .optional(grant.expiresAt?.milliseconds),
                ])
            try AccessChanges.count(connection)
        }
    }

    package func grants(on model: ModelID) async throws -> [ModelGrant] {
        try await database.read { try Self.grants(on: model, $0) }
    }

    package func grants() async throws -> [ModelID: [ModelGrant]] {
        try await database.read { try Self.grants($0) }
    }

    package func remove(_ id: GrantID, on model: ModelID) async throws -> Bool {
        try await database.write { connection in
            let removed = try connection.execute(
                "DELETE FROM ml_model_permissions WHERE id = ? AND model_id = ?", [.text(id.rawValue), .text(model.rawValue)])
            try AccessChanges.count(connection)
            return removed == 1
        }
    }

    static func grants(_ connection: any SQLConnection) throws -> [ModelID: [ModelGrant]] {
        let rows = try connection.query("SELECT p.* FROM ml_model_permissions p JOIN ml_models m ON m.id = p.model_id WHERE m.status <> 'deleted'")
        return Dictionary(grouping: try rows.map { try ModelGrant(row: $0) }, by: \.modelID)
    }

    static func grants(on model: ModelID, _ connection: any SQLConnection) throws -> [ModelGrant] {
        try connection.query("SELECT * FROM ml_model_permissions WHERE model_id = ? ORDER BY granted_at, id", [.text(model.rawValue)])
            .map { try ModelGrant(row: $0) }
    }
}

extension ModelGrant {
    fileprivate init(row: SQLRow) throws {
        let grantee: Grantee =
            if let user = try row.optionalText("user_id") {
                .user(UserID(stored: user))
            } else {
                .group(GroupID(stored: try row.text("group_id")))
            }
        self.init(
            id: GrantID(stored: try row.text("id")), modelID: ModelID(stored: try row.text("model_id")), grantee: grantee,
            level: Level(rawValue: try row.text("permission_type")) ?? .read, grantedBy: UserID(stored: try row.text("granted_by")),
            grantedAt: Timestamp(milliseconds: try row.int("granted_at")),
            expiresAt: try row.optionalInt("expires_at").map(Timestamp.init(milliseconds:)))
    }
}
