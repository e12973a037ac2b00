internal import Domain
internal import JSON

extension JSONValue {
    /// Deeper documents are not taken by a body, and so are not stored.
    private static let maximumDepth = 600

    /// Reads a document; a number without a fraction that 64 bits hold is an integer.
    init(document text: String) throws(JSONFault) {
        var scanner = JSONScanner(Array(text.utf8), maximumDepth: Self.maximumDepth)
        self = try Self.value(&scanner)
        try scanner.expectEnd()
    }

    private static func value(_ scanner: inout JSONScanner) throws(JSONFault) -> JSONValue {
        switch scanner.peek() {
        case UInt8(ascii: "{"):
            var members: [String: JSONValue] = [:]
            try scanner.object(
                { (scanner, key) throws(JSONFault) in
                    let name = try scanner.string(key)
                    members[name] = try value(&scanner)
                }, mapping: { $0 })
            return .object(members)
        case UInt8(ascii: "["):
            var items: [JSONValue] = []
            try scanner.array({ (scanner, _) throws(JSONFault) in items.append(try value(&scanner)) }, mapping: { $0 })
            return .array(items)
        case UInt8(ascii: "\""): return .string(try scanner.string(try scanner.text()))
        default: break
        }
        if scanner.literal("true") { return .bool(true) }
        if scanner.literal("false") { return .bool(false) }
        if scanner.literal("null") { return .null }
        var ahead = scanner
        if let integer: Int64 = try ahead.integer() {
            scanner = ahead
            return .int(integer)
        }
        return .double(try scanner.number())
    }
}
