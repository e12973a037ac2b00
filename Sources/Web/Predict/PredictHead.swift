internal import HTTPTypes

/// The head of a prediction's request as far as it is looked at, read in one pass over its fields.
struct PredictHead {
    static let prefix = "/api/v1/ml-models/"
    /// Longer bodies go to the router, which reads them piece by piece.
    private static let maximumBody = 64 << 10

    let path: String
    private(set) var key: String?
    private(set) var authorization: String?
    private(set) var requestID: String?
    private(set) var forwarded: String?
    private var length: String?
    private var contentType: String?
    private var connection: String?

    /// - Returns: nil for all but a prediction with a short body of JSON, and nothing out of the ordinary about it.
    init?(_ head: HTTPRequest) {
        guard head.method == .post, let path = head.path, path.utf8.starts(with: Self.prefix.utf8), !path.utf8.contains(UInt8(ascii: "?")) else { return nil }
        self.path = path
        for field in head.headerFields {
            let isOrdinary =
                switch field.name.canonicalName {
                case "content-length": Self.take(field, &length)
                case "content-type": Self.take(field, &contentType)
                case "authorization": Self.take(field, &authorization)
                case "x-api-key": Self.take(field, &key)
                case "x-request-id": Self.take(field, &requestID)
                case "x-forwarded-for": Self.take(field, &forwarded)
                case "connection": Self.take(field, &connection)
                case "expect", "origin": false
                default: true
                }
            guard isOrdinary else { return nil }
        }
        guard contentType == "application/json", length.flatMap({ Int($0) }).map((1...Self.maximumBody).contains) ?? false,
            connection == nil || connection?.lowercased() == "keep-alive"
        else { return nil }
    }

    /// - Returns: false for a field that stands there twice.
    private static func take(_ field: HTTPField, _ place: inout String?) -> Bool {
        guard place == nil else { return false }
        place = field.value
        return true
    }
}
