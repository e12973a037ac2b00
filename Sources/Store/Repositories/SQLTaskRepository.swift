package import Database
package import Domain

/// Durable tasks in SQL, used as a queue: the oldest queued row is claimed first.
package struct SQLTaskRepository: TaskRepository {
    private let database: any SQLDatabase

    package init(_ database: any SQLDatabase) {
        self.database = database
    }

    package func add(_ task: PlatformTask) async throws {
        try await database.write { try Self.insert(task, $0) }
    }

    package func task(_ id: TaskID) async throws -> PlatformTask? {
        try await database.read { connection in
            try connection.first("SELECT * FROM tasks WHERE id = ?", [.text(id.rawValue)]).map { try PlatformTask(row: $0) }
        }
    }

    package func tasks(of user: UserID, limit: Int) async throws -> [PlatformTask] {
        try await database.read { connection in
            try connection.query(
                "SELECT * FROM tasks WHERE owner_id = ? ORDER BY created_at DESC, id DESC LIMIT ?", [.text(user.rawValue), .int(Int64(limit))]
            ).map { try PlatformTask(row: $0) }
        }
    }

    package func queuedCount() async throws -> Int {
        try await database.read { connection in
            Int(try connection.first("SELECT COUNT(*) AS n FROM tasks WHERE state = 'queued'", [])?.int("n") ?? 0)
        }
    }

    package func claim(at now: Timestamp) async throws -> PlatformTask? {
        try await database.write { connection in
            let row = try connection.first(
                "SELECT * FROM tasks WHERE state = 'queued' ORDER BY created_at, id LIMIT 1 \(connection.dialect.claimSuffix)", []
            )
            guard let row else { return nil }
            var task = try PlatformTask(row: row)
            task.state = .running
            task.attempts += 1
            task.updatedAt = now
            try Self.update(task, connection)
            return task
        }
    }

    package func update(_ task: PlatformTask) async throws {
        try await database.write { try Self.update(task, $0) }
    }

    package func requeueRunning(at now: Timestamp) async throws -> Int {
        try await database.write { connection in
            try connection.execute(
                "UPDATE tasks SET state = 'queued', updated_at = ? WHERE state = 'running'", [.int(now.milliseconds)]
            )
        }
    }

    static func insert(_ task: PlatformTask, _ connection: any SQLConnection) throws {
        try connection.execute(
            """
            INSERT INTO tasks (id, kind, model_id, version_id, owner_id, subject, state, progress, step, input_json, result_json, error,
                attempts, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(task.id.rawValue), .text(task.kind.rawValue), .text(task.modelID.rawValue), .text(task.versionID.rawValue),
                .text(task.ownerID.rawValue), .text(task.subject), .text(task.state.rawValue), .double(task.progress), .text(task.step),
                .optional(try task.input.map { try SQLJSON.text($0) }), .optional(try task.result.map { try SQLJSON.text($0) }),
                .optional(task.error), .int(Int64(task.attempts)), .int(task.createdAt.milliseconds), .int(task.updatedAt.milliseconds),
            ]
        )
    }

    private static func update(_ task: PlatformTask, _ connection: any SQLConnection) throws {
        try connection.execute(
            """
            UPDATE tasks SET state = ?, progress = ?, step = ?, input_json = ?, result_json = ?, error = ?, attempts = ?, updated_at = ?
            WHERE id = ?
            """,
            [
                .text(task.state.rawValue), .double(task.progress), .text(task.step),
                .optional(try task.input.map { try SQLJSON.text($0) }), .optional(try task.result.map { try SQLJSON.text($0) }),
                .optional(task.error), .int(Int64(task.attempts)), .int(task.updatedAt.milliseconds), .text(task.id.rawValue),
            ]
        )
    }
}

extension PlatformTask {
    fileprivate init(row: SQLRow) throws {
        self.init(
            id: TaskID(stored: try row.text("id")),
            kind: Kind(rawValue: try row.text("kind")) ?? .validation,
            modelID: ModelID(stored: try row.text("model_id")),
            versionID: VersionID(stored: try row.text("version_id")),
            ownerID: UserID(stored: try row.text("owner_id")),
            subject: try row.text("subject"),
            state: State(rawValue: try row.text("state")) ?? .failed,
            progress: try row.double("progress"),
            step: try row.text("step"),
            input: try SQLJSON.optional(JSONValue.self, from: try row.optionalText("input_json")),
            result: try SQLJSON.optional(JSONValue.self, from: try row.optionalText("result_json")),
            error: try row.optionalText("error"),
            attempts: Int(try row.int("attempts")),
            createdAt: Timestamp(milliseconds: try row.int("created_at")),
            updatedAt: Timestamp(milliseconds: try row.int("updated_at"))
        )
    }
}
