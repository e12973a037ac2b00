package import Database
package import Domain

/// Validations and their reports in SQL.
package struct SQLValidationRepository: ValidationRepository {
    private let database: any SQLDatabase

    package init(_ database: any SQLDatabase) {
        self.database = database
    }

    package func add(_ validation: Validation, task: PlatformTask) async throws {
        try await database.write { connection in
            try Self.insert(validation, connection)
            try SQLTaskRepository.insert(task, connection)
        }
    }

    package func validation(_ id: ValidationID) async throws -> Validation? {
        try await database.read { connection in
            try connection.first("SELECT * FROM ml_model_validations WHERE id = ?", [.text(id.rawValue)]).map { try Validation(row: $0) }
        }
    }

    package func validations(of model: ModelID, limit: Int) async throws -> [Validation] {
        try await database.read { connection in
            try connection.query(
                "SELECT * FROM ml_model_validations WHERE model_id = ? ORDER BY created_at DESC, id DESC LIMIT ?",
                [.text(model.rawValue), .int(Int64(limit))]
            ).map { try Validation(row: $0) }
        }
    }

    package func update(_ validation: Validation) async throws {
        let report = try validation.report.map { try SQLJSON.text($0) }
        try await database.write { connection in
            try connection.execute(
                "UPDATE ml_model_validations SET status = ?, details_json = ?, executed_at = ?, execution_time_ms = ? WHERE id = ?",
                [
                    .text(validation.state.rawValue), .optional(report), .optional(validation.executedAt?.milliseconds),
                    validation.report.map { .double($0.executionMilliseconds) } ?? .null, .text(validation.id.rawValue),
                ]
            )
        }
    }

    static func insert(_ validation: Validation, _ connection: any SQLConnection) throws {
        try connection.execute(
            """
            INSERT INTO ml_model_validations (id, model_id, version_id, task_id, validation_type, status, executed_by, created_at)
            VALUES (?, ?, ?, ?, 'full', ?, ?, ?)
            """,
            [
                .text(validation.id.rawValue), .text(validation.modelID.rawValue), .text(validation.versionID.rawValue),
                .text(validation.taskID.rawValue), .text(validation.state.rawValue), .text(validation.requestedBy.rawValue),
                .int(validation.createdAt.milliseconds),
            ]
        )
    }
}

extension Validation {
    fileprivate init(row: SQLRow) throws {
        self.init(
            id: ValidationID(stored: try row.text("id")),
            modelID: ModelID(stored: try row.text("model_id")),
            versionID: VersionID(stored: try row.text("version_id")),
            taskID: TaskID(stored: try row.text("task_id")),
            state: State(rawValue: try row.text("status")) ?? .pending,
            report: try SQLJSON.optional(ValidationReport.self, from: try row.optionalText("details_json")),
            requestedBy: UserID(stored: try row.text("executed_by")),
            createdAt: Timestamp(milliseconds: try row.int("created_at")),
            executedAt: try row.optionalInt("executed_at").map(Timestamp.init(milliseconds:))
        )
    }
}
