package import Database
package import Domain

/// The usage log in SQL, with running totals beside it, so that statistics need no scan.
package struct SQLUsageRepository: UsageRepository {
    let database: any SQLDatabase

    package init(_ database: any SQLDatabase) {
        self.database = database
    }

    package func append(_ records: [UsageRecord]) async throws {
        try await database.write { connection in
            let alike = Dictionary(grouping: records, by: CallKind.init)
            for (kind, calls) in alike {
                if let kind, calls.count >= Self.manyAlike {
                    try Self.inParts(calls, of: CallKind.rowsOfStatement) { try kind.insert($0, connection) }
                } else {
                    try Self.inParts(calls, of: Self.rowsOfStatement) { try Self.insert($0, connection) }
                }
            }
            for (model, calls) in Dictionary(grouping: records, by: \.modelID) {
                try Self.addToTotals(of: model, calls, connection)
            }
            for (place, calls) in Dictionary(grouping: records, by: UsageDay.init) {
                try Self.add(calls, to: place, connection)
            }
            for (place, calls) in Dictionary(grouping: records.filter { $0.responseStatus < 400 }, by: UsageTime.init) {
                try Self.add(calls.count, to: place, connection)
            }
        }
    }

    package func statistics(of model: ModelID) async throws -> UsageStatistics {
        try await database.read { connection in
            let row = try connection.first("SELECT * FROM ml_model_usage_totals WHERE model_id = ?", [.text(model.rawValue)])
            guard let row else { return UsageStatistics(totalCalls: 0, successfulCalls: 0, totalResponseMilliseconds: 0) }
            return UsageStatistics(
                totalCalls: try row.int("total_calls"),
                successfulCalls: try row.int("successful_calls"),
                totalResponseMilliseconds: try row.double("total_response_ms"),
                lastCallAt: try row.optionalInt("last_call_at").map(Timestamp.init(milliseconds:))
            )
        }
    }

    /// One statement for many rows costs half of one for each.
    private static let rowsOfStatement = 64
    /// From here on what calls have in common is said once for all of them.
    private static let manyAlike = 8

    private static func inParts(_ calls: [UsageRecord], of count: Int, _ body: (ArraySlice<UsageRecord>) throws -> Void) rethrows {
        for start in stride(from: 0, to: calls.count, by: count) { try body(calls[start..<min(start + count, calls.count)]) }
    }

    private static func insert(_ records: ArraySlice<UsageRecord>, _ connection: any SQLConnection) throws {
        let places = repeatElement("(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", count: records.count).joined(separator: ", ")
        try connection.execute(
            """
            INSERT INTO ml_model_usage_logs (id, model_id, version_id, api_id, user_id, key_id, endpoint, row_count, response_status, response_time_ms,
                error_message, ip_address, created_at, request_data, response_data, forget_at) VALUES \(places)
            """,
            records.flatMap { record -> [SQLValue] in
                [
                    .text(Identifier<UsageRecord>(at: record.at).rawValue), .text(record.modelID.rawValue), .text(record.versionID.rawValue),
                    .optional(record.apiID?.rawValue), .optional(record.userID?.rawValue), .optional(record.keyID?.rawValue), .text(record.endpoint),
                    .int(Int64(record.rows)), .int(Int64(record.responseStatus)),
                    .double(record.responseMilliseconds), .optional(record.errorMessage), .optional(record.address), .int(record.at.milliseconds),
                    .optional(record.kept.map { String(decoding: $0.bodies.request, as: UTF8.self) }),
                    .optional(record.kept.map { String(decoding: $0.bodies.response, as: UTF8.self) }), .optional(record.kept?.until.milliseconds),
                ]
            }
        )
    }

    private static func addToTotals(of model: ModelID, _ calls: [UsageRecord], _ connection: any SQLConnection) throws {
        try connection.execute(
            """
            INSERT INTO ml_model_usage_totals (model_id, total_calls, successful_calls, total_response_ms, last_call_at) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT(model_id) DO UPDATE SET total_calls = ml_model_usage_totals.total_calls + excluded.total_calls,
                successful_calls = ml_model_usage_totals.successful_calls + excluded.successful_calls,
                total_response_ms = ml_model_usage_totals.total_response_ms + excluded.total_response_ms,
                last_call_at = CASE WHEN ml_model_usage_totals.last_call_at > excluded.last_call_at THEN ml_model_usage_totals.last_call_at
                    ELSE excluded.last_call_at END
            """,
            [
                .text(model.rawValue), .int(Int64(calls.count)), .int(Int64(calls.count { $0.responseStatus < 400 })),
                .double(calls.reduce(0) { $0 + $1.responseMilliseconds }), .optional(calls.map(\.at.milliseconds).max()),
            ]
        )
    }
}

extension UsageRecord: Identified {
    package static let idPrefix = "call_"
}
