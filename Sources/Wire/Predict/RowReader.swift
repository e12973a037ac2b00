internal import Domain
internal import JSON

/// Reads rows into columns: one matrix of numbers, or a column per feature when some are text.
struct RowReader {
    private(set) var faults: [FieldFault] = []
    private let table: FeatureTable
    private var matrix: [Double] = []
    private var numbers: [[Double]]
    private var texts: [[String?]]
    private var seen: [Bool]

    init(_ table: FeatureTable?) {
        self.table = table ?? FeatureTable([])
        let count = self.table.features.count
        numbers = Array(repeating: [], count: count)
        texts = Array(repeating: [], count: count)
        seen = Array(repeating: false, count: count)
    }

    /// - Parameter row: The index in a batch; nil for a single row.
    mutating func read(_ scanner: inout JSONScanner, row: Int?) throws(JSONFault) {
        beginRow()
        switch scanner.peek() {
        case UInt8(ascii: "{"): try readObject(&scanner, row)
        case UInt8(ascii: "["): try readArray(&scanner, row)
        default:
            _ = try scanner.skipValue()
            fault(row, nil, "expected a row: an object by feature name or an array of \(table.features.count) values")
        }
    }

    func tensors(rows: Int) -> [Tensor] {
        if table.isNumeric { return [Tensor(name: "input", shape: [rows, table.features.count], storage: .float64(matrix))] }
        return table.features.enumerated().map { index, feature in
            Tensor(name: feature.name, shape: [rows], storage: feature.kind == .number ? .float64(numbers[index]) : .strings(texts[index]))
        }
    }

    private mutating func beginRow() {
        for index in seen.indices { seen[index] = false }
        if table.isNumeric {
            matrix.append(contentsOf: repeatElement(.nan, count: table.features.count))
        } else {
            for index in table.features.indices {
                if table.features[index].kind == .number { numbers[index].append(.nan) } else { texts[index].append(nil) }
            }
        }
    }

    private mutating func readObject(_ scanner: inout JSONScanner, _ row: Int?) throws(JSONFault) {
        var expected = 0
        try scanner.object(
            { (scanner, key) throws(JSONFault) in
                guard let index = try self.index(of: key, in: scanner, expected: expected) else {
                    let name = try scanner.string(key)
                    _ = try scanner.skipValue()
                    return fault(row, name, "unknown feature")
                }
                expected = index + 1
                guard !seen[index] else {
                    _ = try scanner.skipValue()
                    return fault(row, table.features[index].name, "given twice")
                }
                seen[index] = true
                try readValue(&scanner, index, row)
            }, mapping: { $0 })
        for index in seen.indices where !seen[index] {
            let feature = table.features[index]
            fault(row, feature.name, feature.nullable ? "missing; give null where there is no value" : "missing")
        }
    }

    private mutating func readArray(_ scanner: inout JSONScanner, _ row: Int?) throws(JSONFault) {
        var count = 0
        try scanner.array(
            { (scanner, index) throws(JSONFault) in
                count += 1
                if index < table.features.count { try readValue(&scanner, index, row) } else { _ = try scanner.skipValue() }
            }, mapping: { $0 })
        if count != table.features.count { fault(row, nil, "expected \(table.features.count) values in the model's order, found \(count)") }
    }

    /// Names usually come in the model's order: the next one is tried before the dictionary.
    private func index(of key: JSONText, in scanner: JSONScanner, expected: Int) throws(JSONFault) -> Int? {
        if expected < table.names.count, scanner.text(key, equals: table.names[expected]) { return expected }
        return table.indices[try scanner.string(key)]
    }

    private mutating func readValue(_ scanner: inout JSONScanner, _ index: Int, _ row: Int?) throws(JSONFault) {
        let feature = table.features[index]
        if scanner.literal("null") {
            if !feature.nullable { fault(row, feature.name, "must not be null") }
            return
        }
        let isText = scanner.peek() == UInt8(ascii: "\"")
        switch feature.kind {
        case .string where isText:
            let text = try scanner.string(try scanner.text())
            texts[index][texts[index].count - 1] = text
        case .number where !isText && Self.beginsNumber(scanner.peek()):
            let value = try scanner.number()
            if table.isNumeric {
                matrix[matrix.count - table.features.count + index] = value
            } else {
                numbers[index][numbers[index].count - 1] = value
            }
        default:
            _ = try scanner.skipValue()
            fault(row, feature.name, feature.kind == .number ? "expected a number" : "expected a text")
        }
    }

    private static func beginsNumber(_ byte: UInt8?) -> Bool {
        guard let byte else { return false }
        return byte == UInt8(ascii: "-") || (0x30...0x39).contains(byte)
    }

    private mutating func fault(_ row: Int?, _ name: String?, _ message: String) {
        let escaped = name.map {
            "/"
                + $0.split(separator: "~", omittingEmptySubsequences: false).joined(separator: "~0").split(separator: "/", omittingEmptySubsequences: false).joined(
                    separator: "~1")
        }
        faults.append(FieldFault(pointer: "/data" + (row.map { "/\($0)" } ?? "") + (escaped ?? ""), message: message))
    }
}
