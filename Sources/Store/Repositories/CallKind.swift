import Database
import Domain

/// What many calls have in common: one caller asks one version again and again. Only their time and duration are written for each of them.
struct CallKind: Hashable {
    private let model: ModelID
    private let version: VersionID
    private let api: APIID?
    private let user: UserID?
    private let key: KeyID?
    private let endpoint: String
    private let rows: Int
    private let status: Int
    private let address: String?

    /// - Returns: nil for a call with more to say.
    init?(_ call: UsageRecord) {
        guard call.errorMessage == nil, call.kept == nil else { return nil }
        (model, version, api, user, key) = (call.modelID, call.versionID, call.apiID, call.userID, call.keyID)
        (endpoint, rows, status, address) = (call.endpoint, call.rows, call.responseStatus, call.address)
    }

    static let rowsOfStatement = 256
    private static let fullStatement = statement(rows: rowsOfStatement)

    func insert(_ calls: ArraySlice<UsageRecord>, _ connection: any SQLConnection) throws {
        let common: [SQLValue] = [
            .text(model.rawValue), .text(version.rawValue), .optional(api?.rawValue), .optional(user?.rawValue), .optional(key?.rawValue), .text(endpoint),
            .int(Int64(rows)), .int(Int64(status)), .optional(address),
        ]
        try connection.execute(
            calls.count == Self.rowsOfStatement ? Self.fullStatement : Self.statement(rows: calls.count),
            common + calls.flatMap { [.text(Identifier<UsageRecord>(at: $0.at).rawValue), .double($0.responseMilliseconds), .int($0.at.milliseconds)] })
    }

    private static func statement(rows: Int) -> String {
        """
        INSERT INTO ml_model_usage_logs (model_id, version_id, api_id, user_id, key_id, endpoint, row_count, response_status, ip_address,
            id, response_time_ms, created_at)
        SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, column1, CAST(column2 AS DOUBLE PRECISION), CAST(column3 AS BIGINT) FROM (VALUES \(repeatElement("(?, ?, ?)", count: rows).joined(separator: ", "))) AS calls
        """
    }
}
