internal import Domain
internal import JSON

/// Reads arrays inside of arrays into one row-major list.
struct ArrayReader {
    private(set) var elements: ColumnElements
    /// What is wrong with the value; nil when nothing is.
    private(set) var fault: String?
    private let reading: ElementReading
    private let extents: [Int?]
    private var found: [Int?]

    init(_ feature: Feature, _ reading: ElementReading) {
        self.reading = reading
        elements = ColumnElements(reading)
        extents = feature.shape ?? []
        found = Array(repeating: nil, count: extents.count)
    }

    /// The extents of the value; 0 below an empty array.
    var shape: [Int] { found.map { $0 ?? 0 } }

    mutating func read(_ scanner: inout JSONScanner) throws(JSONFault) {
        try read(&scanner, level: 0)
    }

    private mutating func read(_ scanner: inout JSONScanner, level: Int) throws(JSONFault) {
        guard level < extents.count else {
            if try !elements.read(&scanner) { fail("expected \(reading.words.many) inside of the arrays") }
            return
        }
        guard scanner.peek() == UInt8(ascii: "[") else {
            _ = try scanner.skipValue()
            return fail("expected an array of the shape \(Self.words(extents))")
        }
        var count = 0
        try scanner.array(
            { (scanner, _) throws(JSONFault) in
                count += 1
                try read(&scanner, level: level + 1)
            }, mapping: { $0 })
        if let wanted = extents[level] ?? found[level], wanted != count {
            fail("expected an array of the shape \(Self.words(extents)), found \(count) elements at level \(level + 1) in place of \(wanted)")
        }
        found[level] = found[level] ?? count
    }

    private mutating func fail(_ message: String) {
        fault = fault ?? message
    }

    /// `[3, ?, 224]`
    private static func words(_ extents: [Int?]) -> String {
        "[\(extents.map { $0.map(String.init) ?? "?" }.joined(separator: ", "))]"
    }
}
