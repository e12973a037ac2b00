package import Database
package import Domain

/// Generated APIs in SQL; a model has at most one.
package struct SQLModelAPIRepository: ModelAPIRepository {
    private let database: any SQLDatabase

    package init(_ database: any SQLDatabase) {
        self.database = database
    }

    package func api(of model: ModelID) async throws -> ModelAPI? {
        try await database.read { connection in
            try connection.first("SELECT * FROM ml_model_apis WHERE model_id = ?", [.text(model.rawValue)]).map { try ModelAPI(row: $0) }
        }
    }

    package func save(_ api: ModelAPI) async throws {
        try await database.write { connection in
            try connection.execute(
                """
                INSERT INTO ml_model_apis (id, model_id, version_id, endpoint_path, is_active, rate_limit_per_minute, is_async, created_at,
                    updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT(model_id) DO UPDATE SET version_id = excluded.version_id, endpoint_path = excluded.endpoint_path,
                    is_active = excluded.is_active, rate_limit_per_minute = excluded.rate_limit_per_minute,
                    is_async = excluded.is_async, updated_at = excluded.updated_at
                """,
                [
                    .text(api.id.rawValue), .text(api.modelID.rawValue), .text(api.versionID.rawValue), .text(api.endpointPath),
                    .bool(api.isActive), .optional(api.rateLimitPerMinute.map(Int64.init)), .bool(api.isAsync),
                    .int(api.createdAt.milliseconds), .int(api.updatedAt.milliseconds),
                ]
            )
        }
    }
}

extension ModelAPI {
    /// Reads the columns of `ml_model_apis`; `prefix` names them apart in a join.
    init(row: SQLRow, prefix: String = "") throws {
        self.init(
            id: APIID(stored: try row.text(prefix + "id")),
            modelID: ModelID(stored: try row.text(prefix + "model_id")),
            versionID: VersionID(stored: try row.text(prefix + "version_id")),
            endpointPath: try row.text(prefix + "endpoint_path"),
            isActive: try row.bool(prefix + "is_active"),
            rateLimitPerMinute: try row.optionalInt(prefix + "rate_limit_per_minute").map { Int($0) },
            isAsync: try row.bool(prefix + "is_async"),
            createdAt: Timestamp(milliseconds: try row.int(prefix + "created_at")),
            updatedAt: Timestamp(milliseconds: try row.int(prefix + "updated_at"))
        )
    }
}
