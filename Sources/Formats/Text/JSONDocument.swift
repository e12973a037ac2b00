internal import JSON

/// Reads a JSON document (RFC 8259) that another reader will read too: a key given twice is refused, since readers take one or the other.
struct JSONDocument {
    /// A value takes up to some 150 bytes.
    private static let maximumValues = 1_000_000
    private static let maximumDepth = 256
    private var values = 0

    /// - Throws: `malformed`.
    static func read(_ bytes: [UInt8]) throws -> JSONNode {
        guard String(validating: bytes, as: UTF8.self) != nil else { throw ReadFault.malformed("text that is no UTF-8", at: 0) }
        var document = JSONDocument()
        var scanner = JSONScanner(bytes, maximumDepth: maximumDepth)
        do {
            let node = try document.node(&scanner)
            try scanner.expectEnd()
            return node
        } catch {
            throw ReadFault.malformed(error.reason, at: Int64(error.offset))
        }
    }

    private mutating func node(_ scanner: inout JSONScanner) throws(JSONFault) -> JSONNode {
        values += 1
        guard values <= Self.maximumValues else { throw scanner.fault("more than \(Self.maximumValues) values") }
        switch scanner.peek() {
        case UInt8(ascii: "{"): return try object(&scanner)
        case UInt8(ascii: "["):
            var items: [JSONNode] = []
            try scanner.array({ (scanner, _) throws(JSONFault) in items.append(try node(&scanner)) }, mapping: { $0 })
            return .array(items)
        case UInt8(ascii: "\""): return .string(try scanner.string(try scanner.text()))
        case UInt8(ascii: "t") where scanner.literal("true"): return .bool(true)
        case UInt8(ascii: "f") where scanner.literal("false"): return .bool(false)
        case UInt8(ascii: "n") where scanner.literal("null"): return .null
        default:
            let text = String(decoding: scanner.bytes[try scanner.skipValue()], as: UTF8.self)
            guard let number = Int64(text) else { return .double(Double(text) ?? .nan) }
            return .int(number)
        }
    }

    private mutating func object(_ scanner: inout JSONScanner) throws(JSONFault) -> JSONNode {
        var members: [JSONNode.Member] = []
        var keys: Set<[UInt8]> = []
        try scanner.object(
            { (scanner, text) throws(JSONFault) in
                let key = try scanner.string(text)
                guard keys.insert(Array(key.utf8)).inserted else { throw scanner.fault("the key '\(key)' is given twice") }
                members.append(JSONNode.Member(key: key, value: try node(&scanner)))
            }, mapping: { $0 })
        return .object(members)
    }
}
