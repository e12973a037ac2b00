internal import Domain
internal import JSON

/// How one element of a column is read: what JSON may stand there, and what it becomes.
enum ElementReading: Sendable {
    case number
    /// `true` and `false` as well as numbers.
    case flag
    /// A whole number in a range that a double holds exactly, and what its datatype is called.
    case whole(ClosedRange<Double>, String)
    case int64
    case uint64
    case text
    /// JSON that begins with this byte.
    case json(UInt8)

    init(_ feature: Feature) {
        switch (feature.kind, feature.datatype) {
        case (.string, _): self = .text
        case (.structure, let datatype): self = .json(UInt8(ascii: datatype?.hasPrefix("map") ?? false ? "{" : "["))
        case (.number, "bool"): self = .flag
        case (.number, "int8"): self = .whole(-128...127, "int8")
        case (.number, "uint8"): self = .whole(0...255, "uint8")
        case (.number, "int16"): self = .whole(-32_768...32_767, "int16")
        case (.number, "uint16"): self = .whole(0...65_535, "uint16")
        case (.number, "int32"): self = .whole(-2_147_483_648...2_147_483_647, "int32")
        case (.number, "uint32"): self = .whole(0...4_294_967_295, "uint32")
        case (.number, "int64"): self = .int64
        case (.number, "uint64"): self = .uint64
        case (.number, _): self = .number
        }
    }

    /// Whether what was read is a double.
    var isDouble: Bool {
        switch self {
        case .number, .flag, .whole: true
        case .int64, .uint64, .text, .json: false
        }
    }

    /// What is wanted, one and many: for a fault.
    var words: (one: String, many: String) {
        switch self {
        case .number, .flag: ("a number", "numbers")
        case .whole(_, let datatype): ("a whole number of the type \(datatype)", "whole numbers of the type \(datatype)")
        case .int64: ("a whole number of the type int64", "whole numbers of the type int64")
        case .uint64: ("a whole number of the type uint64", "whole numbers of the type uint64")
        case .text: ("a text", "texts")
        case .json(let first): first == UInt8(ascii: "{") ? ("an object", "objects") : ("an array", "arrays")
        }
    }

    /// - Returns: nil for anything else than is wanted, which is skipped.
    func double(_ scanner: inout JSONScanner) throws(JSONFault) -> Double? {
        if case .flag = self {
            if scanner.literal("true") { return 1 }
            if scanner.literal("false") { return 0 }
        }
        guard RowReader.beginsNumber(scanner.peek()) else {
            _ = try scanner.skipValue()
            return nil
        }
        let value = try scanner.number()
        guard case .whole(let range, _) = self else { return value }
        return range.contains(value) && value.rounded() == value ? value : nil
    }
}

/// The elements of one column, in the memory of their datatype.
struct ColumnElements {
    private var numbers: [Double] = []
    private var integers: [Int64] = []
    private var naturals: [UInt64] = []
    private var texts: [String?] = []
    private let reading: ElementReading

    init(_ reading: ElementReading) {
        self.reading = reading
    }

    var storage: Tensor.Storage {
        switch reading {
        case .number, .flag, .whole: .float64(numbers)
        case .int64: .int64(integers)
        case .uint64: .uint64(naturals)
        case .text: .strings(texts)
        case .json: .json(texts.map { $0 ?? "null" })
        }
    }

    /// Takes an element of the request, or of an array in it.
    /// - Returns: false for anything else than is wanted, which is skipped.
    mutating func read(_ scanner: inout JSONScanner) throws(JSONFault) -> Bool {
        switch reading {
        case .number, .flag, .whole:
            guard let value = try reading.double(&scanner) else { return false }
            numbers.append(value)
        case .int64:
            guard let value: Int64 = try scanner.integer() else { return false }
            integers.append(value)
        case .uint64:
            guard let value: UInt64 = try scanner.integer() else { return false }
            naturals.append(value)
        case .text:
            guard scanner.peek() == UInt8(ascii: "\"") else {
                _ = try scanner.skipValue()
                return false
            }
            texts.append(try scanner.string(try scanner.text()))
        case .json(let first):
            let isWanted = scanner.peek() == first
            let range = try scanner.skipValue()
            guard isWanted else { return false }
            texts.append(String(decoding: scanner.bytes[range], as: UTF8.self))
        }
        return true
    }

    /// NaN, or a text that is missing; 0 where neither can be.
    mutating func appendMissing() {
        switch reading {
        case .number, .flag, .whole: numbers.append(.nan)
        case .int64: integers.append(0)
        case .uint64: naturals.append(0)
        case .text, .json: texts.append(nil)
        }
    }

    mutating func append(_ other: ColumnElements) {
        numbers += other.numbers
        integers += other.integers
        naturals += other.naturals
        texts += other.texts
    }
}
