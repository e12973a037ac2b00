package import Database
package import Domain

/// Stages and aliases in SQL.
package struct SQLPromotionRepository: PromotionRepository {
    private let database: any SQLDatabase

    package init(_ database: any SQLDatabase) {
        self.database = database
    }

    package func save(_ promotion: Promotion) async throws -> Promotion {
        try await database.write { try Self.save(promotion, $0) }
    }

    static func save(_ promotion: Promotion, _ connection: any SQLConnection) throws -> Promotion {
        var promotion = promotion
        if promotion.decidedBy != nil { try Self.decide(promotion, connection) }
        if promotion.state == .done {
            try Self.move(promotion.versionID, from: promotion.from, to: promotion.to, connection)
            promotion.archived = promotion.to == .production ? try Self.archiveOthers(promotion, connection) : []
            try SQLRecordRepository.show(promotion.modelID, connection)
        }
        try connection.execute(
            """
            INSERT INTO promotions (id, model_id, version_id, from_stage, to_stage, archived_json, state, comment, requested_by, requested_at, decided_by,
                decided_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT(id) DO UPDATE SET archived_json = excluded.archived_json, state = excluded.state, decided_by = excluded.decided_by,
                decided_at = excluded.decided_at
            """,
            [
                .text(promotion.id.rawValue), .text(promotion.modelID.rawValue), .text(promotion.versionID.rawValue), .text(promotion.from.rawValue),
                .text(promotion.to.rawValue), .text(try SQLJSON.text(promotion.archived.map(\.rawValue))), .text(promotion.state.rawValue),
                .optional(promotion.comment), .text(promotion.requestedBy.rawValue), .int(promotion.requestedAt.milliseconds),
                .optional(promotion.decidedBy?.rawValue), .optional(promotion.decidedAt?.milliseconds),
            ])
        return promotion
    }

    package func promotion(_ id: PromotionID) async throws -> Promotion? {
        try await database.read { connection in
            try connection.first("SELECT * FROM promotions WHERE id = ?", [.text(id.rawValue)]).map { try Promotion(row: $0) }
        }
    }

    package func promotions(of model: ModelID, limit: Int) async throws -> [Promotion] {
        try await database.read { connection in
            try connection.query(
                "SELECT * FROM promotions WHERE model_id = ? ORDER BY requested_at DESC, id DESC LIMIT ?", [.text(model.rawValue), .int(Int64(limit))]
            ).map { try Promotion(row: $0) }
        }
    }

    package func revert(_ promotion: Promotion) async throws {
        try await database.write { connection in
            try Self.move(promotion.versionID, from: promotion.to, to: promotion.from, connection)
            for version in promotion.archived { try Self.move(version, from: .archived, to: .production, connection) }
            let inProduction = try connection.first(
                "SELECT COUNT(*) AS n FROM version_records WHERE model_id = ? AND stage = 'production' AND deleted_at IS NULL", [.text(promotion.modelID.rawValue)])
            guard try inProduction?.int("n") ?? 0 <= 1 else {
                throw PlatformError(.conflict, "Another version went to production since. hint: move it first, or move this one by hand.")
            }
            try SQLRecordRepository.show(promotion.modelID, connection)
            let decided = promotion.decidedAt.map { SQLValue.int($0.milliseconds) } ?? .null
            let changed = try connection.execute(
                "UPDATE promotions SET state = 'reverted', decided_by = ?, decided_at = ? WHERE id = ? AND state = 'done'",
                [.optional(promotion.decidedBy?.rawValue), decided, .text(promotion.id.rawValue)])
            guard changed == 1 else { throw PlatformError(.conflict, "The promotion was reverted already.") }
        }
    }

    package func aliases(of model: ModelID) async throws -> [ModelAlias] {
        try await database.read { connection in
            try connection.query("SELECT * FROM model_aliases WHERE model_id = ? ORDER BY name", [.text(model.rawValue)]).map { try ModelAlias(row: $0) }
        }
    }

    package func save(_ alias: ModelAlias) async throws {
        try await database.write { connection in
            try connection.execute(
                """
                INSERT INTO model_aliases (model_id, name, version_id, updated_at, updated_by) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT(model_id, name) DO UPDATE SET version_id = excluded.version_id, updated_at = excluded.updated_at, updated_by = excluded.updated_by
                """,
                [
                    .text(alias.modelID.rawValue), .text(alias.name), .text(alias.versionID.rawValue), .int(alias.updatedAt.milliseconds),
                    .text(alias.updatedBy.rawValue),
                ])
            try AccessChanges.count(connection)
        }
    }

    package func removeAlias(_ name: String, of model: ModelID) async throws -> Bool {
        try await database.write { connection in
            try AccessChanges.count(connection)
            return try connection.execute("DELETE FROM model_aliases WHERE model_id = ? AND name = ?", [.text(model.rawValue), .text(name)]) == 1
        }
    }

    /// Only what waits is decided, and once.
    private static func decide(_ promotion: Promotion, _ connection: any SQLConnection) throws {
        let decided = try connection.execute(
            "UPDATE promotions SET state = ? WHERE id = ? AND state = 'pending'", [.text(promotion.state.rawValue), .text(promotion.id.rawValue)])
        guard decided == 1 else { throw PlatformError(.conflict, "Somebody else has decided about the promotion.") }
    }

    private static func move(_ version: VersionID, from: Stage, to: Stage, _ connection: any SQLConnection) throws {
        let moved = try connection.execute(
            "UPDATE version_records SET stage = ? WHERE id = ? AND stage = ? AND deleted_at IS NULL", [.text(to.rawValue), .text(version.rawValue), .text(from.rawValue)])
        guard moved == 1 else { throw PlatformError(.conflict, "The version is not in the stage '\(from.rawValue)' any more. hint: look, and try again.") }
    }

    /// One version of a model is in production.
    private static func archiveOthers(_ promotion: Promotion, _ connection: any SQLConnection) throws -> [VersionID] {
        let values: [SQLValue] = [.text(promotion.modelID.rawValue), .text(promotion.versionID.rawValue)]
        let others = try connection.query("SELECT id FROM version_records WHERE model_id = ? AND id <> ? AND stage = 'production' AND deleted_at IS NULL", values)
        try connection.execute("UPDATE version_records SET stage = 'archived' WHERE model_id = ? AND id <> ? AND stage = 'production' AND deleted_at IS NULL", values)
        return try others.map { VersionID(stored: try $0.text("id")) }
    }
}

extension Promotion {
    init(row: SQLRow) throws {
        self.init(
            id: PromotionID(stored: try row.text("id")), modelID: ModelID(stored: try row.text("model_id")), versionID: VersionID(stored: try row.text("version_id")),
            from: Stage(rawValue: try row.text("from_stage")) ?? .development, to: Stage(rawValue: try row.text("to_stage")) ?? .development,
            archived: try SQLJSON.value([String].self, from: try row.text("archived_json")).map(VersionID.init(stored:)),
            state: State(rawValue: try row.text("state")) ?? .rejected, comment: try row.optionalText("comment"),
            requestedBy: UserID(stored: try row.text("requested_by")), requestedAt: Timestamp(milliseconds: try row.int("requested_at")),
            decidedBy: try row.optionalText("decided_by").map(UserID.init(stored:)), decidedAt: try row.optionalInt("decided_at").map(Timestamp.init(milliseconds:)))
    }
}

extension ModelAlias {
    init(row: SQLRow) throws {
        self.init(
            modelID: ModelID(stored: try row.text("model_id")), name: try row.text("name"), versionID: VersionID(stored: try row.text("version_id")),
            updatedAt: Timestamp(milliseconds: try row.int("updated_at")), updatedBy: UserID(stored: try row.text("updated_by")))
    }
}
