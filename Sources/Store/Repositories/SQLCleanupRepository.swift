package import Database
package import Domain

/// What a clean-up finds, and the removal of versions, in SQL.
package struct SQLCleanupRepository: CleanupRepository {
    private let database: any SQLDatabase

    package init(_ database: any SQLDatabase) {
        self.database = database
    }

    package func items(_ policy: CleanupPolicy, at now: Timestamp) async throws -> [CleanupItem] {
        try await database.read { connection in
            func ago(_ days: Int) -> Timestamp { now.adding(seconds: -Int64(days) * 86_400) }
            var items: [CleanupItem] = []
            if let days = policy.archivedDays { items += try Self.archived(before: ago(days), connection) }
            if let kept = policy.keptVersions { items += try Self.surplus(beyond: kept, connection) }
            if let days = policy.unusedDays { items += try Self.unused(since: ago(days), connection) }
            return items
        }
    }

    package func delete(_ version: VersionID, of model: ModelID, at now: Timestamp) async throws {
        try await database.write { connection in
            let place: [SQLValue] = [.text(version.rawValue), .text(model.rawValue)]
            let record = try connection.first("SELECT stage FROM version_records WHERE id = ? AND model_id = ? AND deleted_at IS NULL", place)
            guard let record else { throw PlatformError.notFound("version", version.rawValue) }
            let file = try connection.first("SELECT is_active, file_size FROM ml_model_versions WHERE id = ? AND model_id = ?", place)
            let others = try connection.first(
                "SELECT COUNT(*) AS n FROM version_records WHERE model_id = ? AND id <> ? AND deleted_at IS NULL", [.text(model.rawValue), .text(version.rawValue)])
            guard try others?.int("n") ?? 0 > 0 else { throw PlatformError(.conflict, "The model has no other version. hint: delete the model instead.") }
            guard try file.map({ try !$0.bool("is_active") }) ?? true, try record.text("stage") != Stage.production.rawValue else {
                throw PlatformError(.conflict, "The version serves, or is in production. hint: let another one serve, or move it to another stage, first.")
            }
            try connection.execute("UPDATE version_records SET deleted_at = ? WHERE id = ?", [.int(now.milliseconds), .text(version.rawValue)])
            try connection.execute("UPDATE ml_model_versions SET deleted_at = ? WHERE id = ?", [.int(now.milliseconds), .text(version.rawValue)])
            try connection.execute("DELETE FROM model_aliases WHERE version_id = ?", [.text(version.rawValue)])
            if let size = try file?.int("file_size") {
                try connection.execute("UPDATE ml_models SET file_bytes = file_bytes - ? WHERE id = ?", [.int(size), .text(model.rawValue)])
            }
            try SQLRecordRepository.show(model, connection)
        }
    }

    package func purgeableVersions(before moment: Timestamp) async throws -> [ModelVersion] {
        try await database.read { connection in
            try connection.query("SELECT * FROM ml_model_versions WHERE deleted_at < ? AND purged_at IS NULL", [.int(moment.milliseconds)])
                .map { try ModelVersion(row: $0) }
        }
    }

    package func markPurged(_ version: VersionID) async throws {
        try await database.write { connection in
            try connection.execute("UPDATE ml_model_versions SET purged_at = deleted_at WHERE id = ?", [.text(version.rawValue)])
        }
    }

    /// A version that is neither staged nor has a name, nor waits for a promotion.
    private static let isUnnamed = """
        r.stage IN ('development', 'archived') AND NOT EXISTS (SELECT 1 FROM model_aliases a WHERE a.version_id = r.id)
        AND NOT EXISTS (SELECT 1 FROM promotions p WHERE p.version_id = r.id AND p.state = 'pending')
        """
    private static let isForgotten = """
        m.status = 'archived' AND m.updated_at < ? AND m.stage NOT IN ('staging', 'production')
        AND NOT EXISTS (SELECT 1 FROM model_aliases a WHERE a.model_id = m.id)
        """
    private static let isUnused = """
        m.status NOT IN ('archived', 'deleted') AND m.updated_at < ? AND m.stage NOT IN ('staging', 'production')
        AND NOT EXISTS (SELECT 1 FROM usage_days u WHERE u.model_id = m.id AND u.day >= ?)
        AND NOT EXISTS (SELECT 1 FROM model_downloads d WHERE d.created_at >= ? AND d.model_id = m.id)
        """

    private static func unusedValues(_ moment: Timestamp) -> [SQLValue] { [.int(moment.milliseconds), .int(moment.day), .int(moment.milliseconds)] }

    package func stillHolds(_ item: CleanupItem, _ policy: CleanupPolicy, at now: Timestamp) async throws -> Bool {
        try await database.read { connection in
            func ago(_ days: Int?) -> Timestamp { now.adding(seconds: -Int64(days ?? 0) * 86_400) }
            let id = SQLValue.text(item.modelID.rawValue)
            let row =
                switch item.action {
                case .deleteModel:
                    try connection.first("SELECT m.id FROM ml_models m WHERE \(Self.isForgotten) AND m.id = ?", [.int(ago(policy.archivedDays).milliseconds), id])
                case .archiveModel:
                    try connection.first("SELECT m.id FROM ml_models m WHERE \(Self.isUnused) AND m.id = ?", Self.unusedValues(ago(policy.unusedDays)) + [id])
                case .deleteVersion:
                    try connection.first(
                        "SELECT r.id FROM version_records r WHERE \(Self.isUnnamed) AND r.id = ?", [.optional(item.versionID?.rawValue)])
                }
            return row != nil
        }
    }

    private static func archived(before moment: Timestamp, _ connection: any SQLConnection) throws -> [CleanupItem] {
        try connection.query(
            "SELECT id, name, file_bytes FROM ml_models m WHERE \(isForgotten) ORDER BY id", [.int(moment.milliseconds)]
        ).map { try item(.deleteModel, $0) }
    }

    private static func unused(since moment: Timestamp, _ connection: any SQLConnection) throws -> [CleanupItem] {
        try connection.query(
            """
            SELECT m.id, m.name, m.file_bytes FROM ml_models m WHERE \(isUnused) ORDER BY m.id
            """, unusedValues(moment)
        ).map { try item(.archiveModel, $0, bytes: 0) }
    }

    private static func surplus(beyond kept: Int, _ connection: any SQLConnection) throws -> [CleanupItem] {
        try connection.query(
            """
            SELECT m.id, m.name, v.id AS version_id, v.version, v.file_size AS file_bytes FROM ml_model_versions v JOIN ml_models m ON m.id = v.model_id
            JOIN version_records r ON r.id = v.id
            WHERE m.status <> 'deleted' AND v.deleted_at IS NULL AND v.is_active = FALSE AND \(isUnnamed)
            AND (SELECT COUNT(*) FROM ml_model_versions n WHERE n.model_id = v.model_id AND n.deleted_at IS NULL AND n.ordinal > v.ordinal) >= ? ORDER BY m.id, v.ordinal
            """, [.int(Int64(kept))]
        ).map { try item(.deleteVersion, $0) }
    }

    private static func item(_ action: CleanupItem.Action, _ row: SQLRow, bytes: Int64? = nil) throws -> CleanupItem {
        CleanupItem(
            action, modelID: ModelID(stored: try row.text("id")), name: try row.text("name"),
            versionID: action == .deleteVersion ? VersionID(stored: try row.text("version_id")) : nil,
            version: action == .deleteVersion ? SemanticVersion(try row.text("version")) : nil, bytes: try bytes ?? row.int("file_bytes"))
    }
}
