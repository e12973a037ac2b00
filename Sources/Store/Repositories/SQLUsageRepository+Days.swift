internal import Database
package import Domain

/// What calls of one day are added up by.
struct UsageDay: Hashable {
    let modelID: ModelID
    let day: Int64
    let versionID: VersionID
    let keyID: KeyID?

    init(_ record: UsageRecord) {
        modelID = record.modelID
        day = record.at.day
        versionID = record.versionID
        keyID = record.keyID
    }
}

/// Where the time of a call is counted.
struct UsageTime: Hashable {
    let modelID: ModelID
    let day: Int64
    let bucket: Int

    init(_ record: UsageRecord) {
        modelID = record.modelID
        day = record.at.day
        bucket = TimeScale.bucket(of: record.responseMilliseconds)
    }
}

extension SQLUsageRepository {
    static func add(_ calls: [UsageRecord], to place: UsageDay, _ connection: any SQLConnection) throws {
        let times = calls.filter { $0.responseStatus < 400 }.map(\.responseMilliseconds)
        try connection.execute(
            """
            INSERT INTO usage_days (model_id, day, version_id, key_id, calls, successful_calls, row_count, loaded_calls, total_ms, successful_ms,
                minimum_ms, maximum_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT(model_id, day, version_id, key_id) DO UPDATE SET calls = usage_days.calls + excluded.calls,
                successful_calls = usage_days.successful_calls + excluded.successful_calls, row_count = usage_days.row_count + excluded.row_count,
                loaded_calls = usage_days.loaded_calls + excluded.loaded_calls, total_ms = usage_days.total_ms + excluded.total_ms,
                successful_ms = usage_days.successful_ms + excluded.successful_ms,
                minimum_ms = CASE WHEN usage_days.minimum_ms IS NULL OR excluded.minimum_ms < usage_days.minimum_ms THEN excluded.minimum_ms
                    ELSE usage_days.minimum_ms END,
                maximum_ms = CASE WHEN usage_days.maximum_ms IS NULL OR excluded.maximum_ms > usage_days.maximum_ms THEN excluded.maximum_ms
                    ELSE usage_days.maximum_ms END
            """,
            [
                .text(place.modelID.rawValue), .int(place.day), .text(place.versionID.rawValue), .text(place.keyID?.rawValue ?? ""), .int(Int64(calls.count)),
                .int(Int64(calls.count { $0.responseStatus < 400 })), .int(Int64(calls.reduce(0) { $0 + $1.rows })), .int(Int64(calls.count(where: \.wasLoaded))),
                .double(calls.reduce(0) { $0 + $1.responseMilliseconds }), .double(times.reduce(0, +)), times.min().map { .double($0) } ?? .null,
                times.max().map { .double($0) } ?? .null,
            ])
    }

    static func add(_ count: Int, to place: UsageTime, _ connection: any SQLConnection) throws {
        try connection.execute(
            """
            INSERT INTO usage_times (model_id, day, bucket, calls) VALUES (?, ?, ?, ?)
            ON CONFLICT(model_id, day, bucket) DO UPDATE SET calls = usage_times.calls + excluded.calls
            """, [.text(place.modelID.rawValue), .int(place.day), .int(Int64(place.bucket)), .int(Int64(count))])
    }

    /// What each key used in the day and the month of a moment.
    package func spendings(at now: Timestamp) async throws -> [KeyID: [KeyBudget.Period: Spending]] {
        try await database.read { connection in
            var spent: [KeyID: [KeyBudget.Period: Spending]] = [:]
            for period in KeyBudget.Period.allCases {
                let rows = try connection.query(
                    "SELECT key_id, SUM(row_count) AS row_count, SUM(total_ms) AS total_ms FROM usage_days WHERE key_id <> '' AND day >= ? GROUP BY key_id",
                    [.int(period.firstDay(at: now))])
                for row in rows {
                    spent[KeyID(stored: try row.text("key_id")), default: [:]][period] = Spending(
                        predictions: Int(try row.int("row_count")), milliseconds: try row.double("total_ms"))
                }
            }
            return spent
        }
    }
}
