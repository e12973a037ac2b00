package import Domain
internal import Database

extension SQLModelRepository {
    /// Ends a transaction of which nothing is to stay.
    private struct ChangedMeanwhile: Error {}

    package func apply(_ changes: [CatalogueChange]) async throws -> [CatalogueChange]? {
        do {
            return try await database.write { connection in
                try changes.map { change in
                    switch change {
                    case .update(let model, let moment):
                        guard try Self.update(model, readAt: moment, connection) else { throw ChangedMeanwhile() }
                        return change
                    case .delete(let model, let now):
                        try Self.delete(model, at: now, connection)
                        return change
                    case .promote(let promotion): return .promote(try SQLPromotionRepository.save(promotion, connection))
                    }
                }
            }
        } catch is ChangedMeanwhile {
            return nil
        }
    }

    static func update(_ model: Model, readAt moment: Timestamp, _ connection: any SQLConnection) throws -> Bool {
        let addresses = try model.addresses.map { try SQLJSON.text($0.map(\.description)) }
        let written = try connection.execute(
            """
            UPDATE ml_models SET name = ?, description = ?, framework = ?, category = ?, is_public = ?, is_anonymous = ?, is_moderated = ?, addresses_json = ?,
                status = ?, validation_status = ?, needs_approval = ?, history_rate = ?, history_days = ?, updated_at = ? WHERE id = ? AND updated_at = ? AND status <> 'deleted'
            """,
            [
                .text(model.name), .text(model.description), .optional(model.framework), .optional(model.category),
                .bool(model.isPublic), .bool(model.isAnonymous), .bool(model.isModerated), .optional(addresses), .text(model.status.rawValue),
                .text(model.validationStatus.rawValue),
                .bool(model.needsApproval), .double(model.history.rate), .int(Int64(model.history.days)),
                .int(model.updatedAt.milliseconds), .text(model.id.rawValue), .int(moment.milliseconds),
            ]
        )
        guard written == 1 else { return false }
        try AccessChanges.count(connection)
        try connection.execute("DELETE FROM tags WHERE model_id = ?", [.text(model.id.rawValue)])
        try insertTags(of: model, connection)
        try SQLModelText.write(model.id, connection)
        return true
    }

    static func delete(_ model: ModelID, at now: Timestamp, _ connection: any SQLConnection) throws {
        try connection.execute(
            "UPDATE ml_models SET status = 'deleted', deleted_at = ?, updated_at = ?, current_version_id = NULL WHERE id = ?",
            [.int(now.milliseconds), .int(now.milliseconds), .text(model.rawValue)]
        )
        try AccessChanges.count(connection)
        try connection.execute("UPDATE ml_model_versions SET is_active = FALSE WHERE model_id = ?", [.text(model.rawValue)])
        try connection.execute(
            "UPDATE tasks SET state = 'cancelled', updated_at = ? WHERE model_id = ? AND state = 'queued'",
            [.int(now.milliseconds), .text(model.rawValue)]
        )
    }
}
