/// The elements of a tensor, in row-major order.
enum TensorElements {
    case numbers([Double])
    case integers([Int64])
    case naturals([UInt64])
    case flags([Bool])
    /// nil where a text is missing.
    case texts([String?])

    var count: Int {
        switch self {
        case .numbers(let values): values.count
        case .integers(let values): values.count
        case .naturals(let values): values.count
        case .flags(let values): values.count
        case .texts(let values): values.count
        }
    }

    subscript(range: Range<Int>) -> TensorElements {
        if range == 0..<count { return self }
        return switch self {
        case .numbers(let values): .numbers(Array(values[range]))
        case .integers(let values): .integers(Array(values[range]))
        case .naturals(let values): .naturals(Array(values[range]))
        case .flags(let values): .flags(Array(values[range]))
        case .texts(let values): .texts(Array(values[range]))
        }
    }

    func repeated(_ times: Int) -> TensorElements {
        func list<Element>(_ values: [Element]) -> [Element] { Array(repeatElement(values, count: times).joined()) }
        return switch self {
        case .numbers(let values): .numbers(list(values))
        case .integers(let values): .integers(list(values))
        case .naturals(let values): .naturals(list(values))
        case .flags(let values): .flags(list(values))
        case .texts(let values): .texts(list(values))
        }
    }

    /// - Returns: nil when they are of different kinds.
    func appending(_ other: TensorElements) -> TensorElements? {
        switch (self, other) {
        case (.numbers(let one), .numbers(let two)): .numbers(one + two)
        case (.integers(let one), .integers(let two)): .integers(one + two)
        case (.naturals(let one), .naturals(let two)): .naturals(one + two)
        case (.flags(let one), .flags(let two)): .flags(one + two)
        case (.texts(let one), .texts(let two)): .texts(one + two)
        default: nil
        }
    }

    /// Columns of the same kind as the rows of one matrix.
    /// - Returns: nil when they are of different kinds.
    static func sideBySide(_ columns: [TensorElements], rows: Int) -> TensorElements? {
        func matrix<Element>(_ column: (TensorElements) -> [Element]?) -> [Element]? {
            let lists = columns.compactMap(column)
            return lists.count == columns.count ? (0..<rows).flatMap { row in lists.map { $0[row] } } : nil
        }
        switch columns.first {
        case .numbers?: return matrix { if case .numbers(let values) = $0 { values } else { nil } }.map { .numbers($0) }
        case .integers?: return matrix { if case .integers(let values) = $0 { values } else { nil } }.map { .integers($0) }
        case .naturals?: return matrix { if case .naturals(let values) = $0 { values } else { nil } }.map { .naturals($0) }
        case .flags?: return matrix { if case .flags(let values) = $0 { values } else { nil } }.map { .flags($0) }
        case .texts?: return matrix { if case .texts(let values) = $0 { values } else { nil } }.map { .texts($0) }
        case nil: return nil
        }
    }
}
