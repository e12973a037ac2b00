import Database
package import Domain

extension SQLUsageRepository {
    private static let failuresShown = 10

    package func analytics(of model: ModelID, since day: Int64) async throws -> UsageAnalytics {
        try await database.read { connection in
            let place: [SQLValue] = [.text(model.rawValue), .int(day)]
            let days = try connection.query(
                """
                SELECT day, SUM(calls) AS calls, SUM(successful_calls) AS successes, SUM(row_count) AS row_count, SUM(successful_ms) AS ms
                FROM usage_days WHERE model_id = ? AND day >= ? GROUP BY day ORDER BY day
                """, place
            ).map { row in
                UsageAnalytics.Day(
                    day: try row.int("day"), calls: Int(try row.int("calls")), successfulCalls: Int(try row.int("successes")), rows: Int(try row.int("row_count")),
                    milliseconds: try row.double("ms"))
            }
            let whole = try connection.first(
                """
                SELECT COALESCE(SUM(loaded_calls), 0) AS loaded, MIN(minimum_ms) AS minimum, MAX(maximum_ms) AS maximum FROM usage_days
                WHERE model_id = ? AND day >= ?
                """, place)
            let times = try connection.query(
                "SELECT bucket, SUM(calls) AS calls FROM usage_times WHERE model_id = ? AND day >= ? GROUP BY bucket ORDER BY bucket", place
            ).map { (bucket: Int(try $0.int("bucket")), count: Int(try $0.int("calls"))) }
            let failures = try connection.query(
                """
                SELECT created_at, response_status, error_message FROM ml_model_usage_logs WHERE model_id = ? AND response_status >= 400 AND created_at >= ?
                ORDER BY created_at DESC LIMIT \(Self.failuresShown)
                """, [.text(model.rawValue), .int(Timestamp(day: day).milliseconds)]
            ).map { row in
                UsageAnalytics.Failure(
                    at: Timestamp(milliseconds: try row.int("created_at")), status: Int(try row.int("response_status")),
                    message: try row.optionalText("error_message") ?? "")
            }
            return UsageAnalytics(
                days: days, loadedCalls: Int(try whole?.int("loaded") ?? 0), minimumMilliseconds: try whole?.optionalDouble("minimum"),
                maximumMilliseconds: try whole?.optionalDouble("maximum"), times: times, failures: failures)
        }
    }

    package func calls(_ query: CallQuery) async throws -> [PastCall] {
        try await database.read { connection in
            var conditions = ["user_id = ?"]
            var values: [SQLValue] = [.text(query.userID.rawValue)]
            func add(_ condition: String, _ bound: SQLValue...) {
                conditions.append(condition)
                values += bound
            }
            if let model = query.modelID { add("model_id = ?", .text(model.rawValue)) }
            if let among = query.among {
                conditions.append("model_id IN (\(SQLModelRepository.marks(among.count)))")
                values += among.map { .text($0.rawValue) }
            }
            if let isSuccessful = query.isSuccessful { add(isSuccessful ? "response_status < 400" : "response_status >= 400") }
            if let since = query.since { add("created_at >= ?", .int(since.milliseconds)) }
            if let until = query.until { add("created_at < ?", .int(until.milliseconds)) }
            if let after = query.after { add("(created_at, id) < (?, ?)", .int(after.createdAt.milliseconds), .text(after.id)) }
            return try connection.query(
                "SELECT * FROM ml_model_usage_logs WHERE \(conditions.joined(separator: " AND ")) ORDER BY created_at DESC, id DESC LIMIT ?",
                values + [.int(Int64(query.limit))]
            ).map { try PastCall(row: $0) }
        }
    }

    package func forgetBodies(at now: Timestamp) async throws {
        try await database.write { connection in
            try connection.execute(
                "UPDATE ml_model_usage_logs SET request_data = NULL, response_data = NULL, forget_at = NULL WHERE forget_at IS NOT NULL AND forget_at <= ?",
                [.int(now.milliseconds)])
        }
    }

    package func remove(before moment: Timestamp) async throws -> Int {
        try await database.write { connection in
            try connection.execute(
                "DELETE FROM ml_model_usage_logs WHERE id IN (SELECT id FROM ml_model_usage_logs WHERE id < ? LIMIT 10000)",
                [.text(Identifier<UsageRecord>.floor(at: moment))])
        }
    }
}

extension PastCall {
    fileprivate init(row: SQLRow) throws {
        self.init(
            id: try row.text("id"), modelID: ModelID(stored: try row.text("model_id")), versionID: try row.optionalText("version_id").map(VersionID.init(stored:)),
            keyID: try row.optionalText("key_id").map(KeyID.init(stored:)), endpoint: try row.text("endpoint"), rows: Int(try row.optionalInt("row_count") ?? 0),
            status: Int(try row.int("response_status")), milliseconds: try row.double("response_time_ms"), errorMessage: try row.optionalText("error_message"),
            at: Timestamp(milliseconds: try row.int("created_at")), request: try? SQLJSON.optional(JSONValue.self, from: try row.optionalText("request_data")),
            response: try? SQLJSON.optional(JSONValue.self, from: try row.optionalText("response_data")))
    }
}
