/// What Redis answers: https://redis.io/docs/latest/develop/reference/protocol-spec/ (RESP2)
enum RESPValue: Sendable, Equatable {
    case text(String)
    case error(String)
    case integer(Int)
    /// nil for what is not there.
    case bytes([UInt8]?)
    case array([RESPValue]?)

    var integer: Int? {
        guard case .integer(let value) = self else { return nil }
        return value
    }

    var array: [RESPValue]? {
        guard case .array(let values) = self else { return nil }
        return values
    }
}
