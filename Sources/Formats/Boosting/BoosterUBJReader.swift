internal import Files

/// Reads a ``BoosterValue`` from Universal Binary JSON, draft 12: https://ubjson.org
struct BoosterUBJReader {
    private let reader: ByteReader
    private let useTree: ((BoosterValue) -> Void)?
    private var depth = 0

    /// - Parameter useTree: Takes each item of an array that is called `trees`; the array itself is then left empty, so that a model of any
    ///   number of trees needs the memory of one.
    static func read(_ bytes: any RandomAccess, useTree: ((BoosterValue) -> Void)? = nil) throws -> BoosterValue {
        var reader = BoosterUBJReader(reader: ByteReader(SequentialSource(bytes), limit: .max), useTree: useTree)
        let value = try reader.value(try reader.reader.byte())
        guard try reader.reader.isAtEnd else { throw ReadFault.malformed("bytes behind the end of the model", at: reader.reader.offset) }
        return value
    }

    private init(reader: ByteReader, useTree: ((BoosterValue) -> Void)?) {
        self.reader = reader
        self.useTree = useTree
    }

    private mutating func value(_ first: UInt8) throws -> BoosterValue {
        var type = first
        while type == UInt8(ascii: "N") { type = try reader.byte() }  // no operation
        switch UnicodeScalar(type) {
        case "Z": return .null
        case "T": return .bool(true)
        case "F": return .bool(false)
        case "S", "H": return .string(try text())
        case "C": return .string(String(UnicodeScalar(try reader.byte())))
        case "[": return try nested { try $0.array() }
        case "{": return try nested { try $0.object() }
        default: return .number(try number(type))
        }
    }

    private mutating func nested(_ body: (inout Self) throws -> BoosterValue) throws -> BoosterValue {
        depth += 1
        guard depth <= BoosterValue.maximumDepth else { throw ReadFault.limit("values nested deeper than \(BoosterValue.maximumDepth)", at: reader.offset) }
        defer { depth -= 1 }
        return try body(&self)
    }

    private mutating func array() throws -> BoosterValue {
        let (type, count) = try header()
        if let type, let count {
            guard Self.width(type) != nil else { return .array(try items(count) { try $0.value(type) }) }
            var numbers: [Double] = []
            for _ in 0..<count { numbers.append(try number(type)) }
            return .numbers(numbers)
        }
        var values: [BoosterValue] = []
        if let count {
            values = try items(count) { try $0.value(try $0.reader.byte()) }
        } else {
            while case let type = try reader.byte(), type != UInt8(ascii: "]") { values.append(try value(type)) }
        }
        let numbers = values.compactMap { if case .number(let number) = $0 { number } else { nil } }
        return numbers.count == values.count ? .numbers(numbers) : .array(values)
    }

    private mutating func trees(_ use: (BoosterValue) -> Void) throws -> BoosterValue {
        let (type, count) = try header()
        if let count {
            for _ in 0..<count { use(try value(try type ?? reader.byte())) }
        } else {
            while case let first = try reader.byte(), first != UInt8(ascii: "]") { use(try value(first)) }
        }
        return .array([])
    }

    private mutating func object() throws -> BoosterValue {
        let (type, count) = try header()
        var members: [String: BoosterValue] = [:]
        var left = count
        while true {
            if let remaining = left {
                if remaining == 0 { break }
                left = remaining - 1
            } else if try reader.peek(1).first == UInt8(ascii: "}") {
                _ = try reader.byte()
                break
            }
            let key = try text()
            let first = try type ?? reader.byte()
            let item = if key == "trees", let useTree, first == UInt8(ascii: "[") { try nested { try $0.trees(useTree) } } else { try value(first) }
            guard members.updateValue(item, forKey: key) == nil else { throw ReadFault.malformed("'\(key)' is given twice", at: reader.offset) }
        }
        return .object(members)
    }

    private mutating func items(_ count: Int, _ read: (inout Self) throws -> BoosterValue) throws -> [BoosterValue] {
        var values: [BoosterValue] = []
        for _ in 0..<count { values.append(try read(&self)) }
        return values
    }

    /// `$type` and `#count`, where they are given.
    private mutating func header() throws -> (type: UInt8?, count: Int?) {
        var type: UInt8?
        if try reader.peek(1).first == UInt8(ascii: "$") {
            _ = try reader.byte()
            type = try reader.byte()
        }
        guard try reader.peek(1).first == UInt8(ascii: "#") else {
            guard type == nil else { throw ReadFault.malformed("a type without a count", at: reader.offset) }
            return (nil, nil)
        }
        _ = try reader.byte()
        let count = try length()
        // Values of no bytes at all would make any count cheap to claim.
        if let type, [UInt8(ascii: "Z"), UInt8(ascii: "T"), UInt8(ascii: "F")].contains(type) {
            throw ReadFault.malformed("an array of constants", at: reader.offset)
        }
        return (type, count)
    }

    private mutating func text() throws -> String {
        let count = try length()
        guard count <= 16 << 20 else { throw ReadFault.limit("a text of \(count) bytes", at: reader.offset) }
        return String(decoding: try reader.bytes(count), as: UTF8.self)
    }

    private mutating func length() throws -> Int {
        guard let count = Int(exactly: try number(try reader.byte())), count >= 0 else { throw ReadFault.malformed("a length that is none", at: reader.offset) }
        return count
    }

    private static func width(_ type: UInt8) -> Int? {
        switch UnicodeScalar(type) {
        case "i", "U": 1
        case "I": 2
        case "l", "d": 4
        case "L", "D": 8
        default: nil
        }
    }

    private func number(_ type: UInt8) throws -> Double {
        guard let width = Self.width(type) else { throw ReadFault.malformed("a value of type 0x\(String(type, radix: 16))", at: reader.offset) }
        let bits = try reader.bytes(width).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        switch UnicodeScalar(type) {
        case "i": return Double(Int8(truncatingIfNeeded: bits))
        case "U": return Double(bits)
        case "I": return Double(Int16(truncatingIfNeeded: bits))
        case "l": return Double(Int32(truncatingIfNeeded: bits))
        case "L": return Double(Int64(bitPattern: bits))
        case "d": return Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
        default: return Double(bitPattern: bits)
        }
    }
}
