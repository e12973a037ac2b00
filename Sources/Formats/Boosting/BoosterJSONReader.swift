internal import JSON

/// Reads a ``BoosterValue`` from JSON (RFC 8259), or from the JSON with `NaN` and `Infinity` that XGBoost writes for split conditions.
struct BoosterJSONReader {
    static func read(_ bytes: [UInt8]) throws -> BoosterValue {
        var scanner = JSONScanner(bytes)
        do {
            let value = try value(&scanner)
            try scanner.expectEnd()
            return value
        } catch {
            throw ReadFault.malformed(error.reason, at: Int64(error.offset))
        }
    }

    private static func value(_ scanner: inout JSONScanner) throws(JSONFault) -> BoosterValue {
        switch scanner.peek() {
        case UInt8(ascii: "{"):
            var members: [String: BoosterValue] = [:]
            try scanner.object(
                { (scanner, key) throws(JSONFault) in
                    let name = try scanner.string(key)
                    guard members.updateValue(try value(&scanner), forKey: name) == nil else { throw scanner.fault("'\(name)' is given twice") }
                }, mapping: { $0 })
            return .object(members)
        case UInt8(ascii: "["): return try array(&scanner)
        case UInt8(ascii: "\""): return .string(try scanner.string(try scanner.text()))
        case UInt8(ascii: "t") where scanner.literal("true"): return .bool(true)
        case UInt8(ascii: "f") where scanner.literal("false"): return .bool(false)
        case UInt8(ascii: "n") where scanner.literal("null"): return .null
        case UInt8(ascii: "N") where scanner.literal("NaN"): return .number(.nan)
        case UInt8(ascii: "I") where scanner.literal("Infinity"): return .number(.infinity)
        case UInt8(ascii: "-") where scanner.literal("-Infinity"): return .number(-.infinity)
        default: return .number(try scanner.number())
        }
    }

    private static func array(_ scanner: inout JSONScanner) throws(JSONFault) -> BoosterValue {
        var numbers: [Double] = []
        var others: [BoosterValue] = []
        try scanner.array(
            { (scanner, index) throws(JSONFault) in
                let item = try value(&scanner)
                if case .number(let number) = item, others.isEmpty {
                    numbers.append(number)
                } else {
                    if !numbers.isEmpty { others = numbers.map { .number($0) } }
                    numbers = []
                    others.append(item)
                }
            }, mapping: { $0 })
        return others.isEmpty ? .numbers(numbers) : .array(others)
    }
}
