package import Database
package import Domain

/// Requests that may be sent again, in SQL.
package struct SQLIdempotencyRepository: IdempotencyRepository {
    private let database: any SQLDatabase

    package init(_ database: any SQLDatabase) {
        self.database = database
    }

    package func begin(_ request: IdempotentRequest) async throws -> IdempotentRequest? {
        try await database.write { connection in
            let key: [SQLValue] = [.text(request.userID.rawValue), .text(request.key)]
            if let row = try connection.first("SELECT * FROM idempotent_requests WHERE user_id = ? AND key = ?", key) { return try Self.request(row) }
            try connection.execute(
                "INSERT INTO idempotent_requests (user_id, key, state, created_at) VALUES (?, ?, 'running', ?)", key + [.int(request.createdAt.milliseconds)])
            return nil
        }
    }

    package func finish(_ request: IdempotentRequest) async throws {
        guard case .done(let answer) = request.state else { return }
        try await database.write { connection in
            try connection.execute(
                "UPDATE idempotent_requests SET state = 'done', fingerprint = ?, status = ?, answer = ? WHERE user_id = ? AND key = ?",
                [
                    .optional(request.fingerprint), .optional(answer.map { Int64($0.status) }), .optional(answer?.json), .text(request.userID.rawValue),
                    .text(request.key),
                ])
        }
    }

    package func forget(_ request: IdempotentRequest) async throws {
        try await database.write { connection in
            try connection.execute(
                "DELETE FROM idempotent_requests WHERE user_id = ? AND key = ?", [.text(request.userID.rawValue), .text(request.key)])
        }
    }

    package func interruptAll() async throws {
        try await database.write { try $0.execute("UPDATE idempotent_requests SET state = 'interrupted' WHERE state = 'running'") }
    }

    package func remove(before moment: Timestamp) async throws {
        try await database.write {
            try $0.execute("DELETE FROM idempotent_requests WHERE created_at < ? AND state <> 'running'", [.int(moment.milliseconds)])
        }
    }

    private static func request(_ row: SQLRow) throws -> IdempotentRequest {
        let status = try row.optionalInt("status")
        let json = try row.optionalText("answer")
        let state: IdempotentRequest.State =
            switch try row.text("state") {
            case "running": .running
            case "done": .done(answer: status.flatMap { status in json.map { IdempotentRequest.Answer(status: Int(status), json: $0) } })
            default: .interrupted
            }
        return IdempotentRequest(
            userID: UserID(stored: try row.text("user_id")), key: try row.text("key"), fingerprint: try row.optionalText("fingerprint"), state: state,
            createdAt: Timestamp(milliseconds: try row.int("created_at")))
    }
}
