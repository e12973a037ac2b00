internal import Domain
internal import JSON

/// Reads rows into columns: one matrix of numbers, or a column per feature when some are text, arrays or whole numbers of 64 bits.
struct RowReader {
    private(set) var faults: [FieldFault] = []
    private let table: FeatureTable
    private var matrix: [Double] = []
    private var columns: [ColumnElements]
    /// Extents of the first row's value, of features that are arrays.
    private var shapes: [[Int]?]
    private var seen: [Bool]

    init(_ table: FeatureTable?) {
        self.table = table ?? FeatureTable([])
        let count = self.table.features.count
        columns = self.table.isNumeric ? [] : self.table.elements.map(ColumnElements.init)
        shapes = Array(repeating: nil, count: columns.count)
        seen = Array(repeating: false, count: count)
    }

    /// - Parameter row: The index in a batch; nil for a single row.
    mutating func read(_ scanner: inout JSONScanner, row: Int?) throws(JSONFault) {
        beginRow()
        switch scanner.peek() {
        case UInt8(ascii: "{"): try readObject(&scanner, row)
        case UInt8(ascii: "[") where isValueItself(scanner): try readValue(&scanner, 0, row)
        case UInt8(ascii: "["): try readArray(&scanner, row)
        default:
            _ = try scanner.skipValue()
            fault(row, nil, "expected a row: an object by feature name or an array of \(table.features.count) values")
        }
    }

    func tensors(rows: Int) -> [Tensor] {
        if table.isNumeric { return [Tensor(name: "input", shape: [rows, table.features.count], storage: .float64(matrix))] }
        return table.features.enumerated().map { index, feature in
            Tensor(name: feature.name, shape: [rows] + (shapes[index] ?? []), storage: columns[index].storage)
        }
    }

    private mutating func beginRow() {
        for index in seen.indices { seen[index] = false }
        if table.isNumeric { matrix.append(contentsOf: repeatElement(.nan, count: table.features.count)) }
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
        guard !feature.isArray else { return try readElements(&scanner, index, row) }
        if scanner.literal("null") {
            if !feature.nullable { fault(row, feature.name, "must not be null") }
            if !table.isNumeric { columns[index].appendMissing() }
            return
        }
        let isRead: Bool
        if table.isNumeric {
            let value = try table.elements[index].double(&scanner)
            matrix[matrix.count - table.features.count + index] = value ?? .nan
            isRead = value != nil
        } else {
            isRead = try columns[index].read(&scanner)
        }
        if !isRead { fault(row, feature.name, "expected \(table.elements[index].words.one)") }
    }

    // MARK: - Arrays

    /// Whether the row is the value of the only feature, and not a list that holds it: as many brackets open as the value has extents.
    private func isValueItself(_ scanner: JSONScanner) -> Bool {
        guard table.features.count == 1, table.features[0].isArray, let rank = table.features[0].shape?.count else { return false }
        var ahead = scanner
        var depth = 0
        while depth <= rank, ahead.take(UInt8(ascii: "[")) { depth += 1 }
        return depth <= rank
    }

    /// The value of a feature that is an array: of the shape that it has, and that the rows before had.
    private mutating func readElements(_ scanner: inout JSONScanner, _ index: Int, _ row: Int?) throws(JSONFault) {
        var reader = ArrayReader(table.features[index], table.elements[index])
        try reader.read(&scanner)
        let shape = reader.shape
        if let message = reader.fault {
            fault(row, table.features[index].name, message)
        } else if let first = shapes[index], first != shape {
            fault(row, table.features[index].name, "expected the shape \(first) of the first row, found \(shape)")
        }
        shapes[index] = shapes[index] ?? shape
        columns[index].append(reader.elements)
    }

    static func beginsNumber(_ byte: UInt8?) -> Bool {
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
