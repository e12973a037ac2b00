import Formats

/// A value of a categorical column.
enum Category: Hashable, Sendable {
    case number(Double)
    case text(ExactText)
    case nan
    case none

    init(_ number: Double) { self = number.isNaN ? .nan : .number(number) }
    init(_ text: String?) { self = text.map { .text(ExactText($0)) } ?? .none }
}

/// The categories of each column, and which of them are grouped as infrequent.
struct CategoryTable: Sendable {
    struct ColumnCategories: Sendable {
        let indices: [Category: Int]
        let count: Int
        /// The index that each category has after grouping; nil when nothing is grouped.
        let mapping: [Int]?
        /// The first infrequent category.
        let firstInfrequent: Int?
    }

    let columns: [ColumnCategories]

    init(_ attributes: Attributes) throws {
        let lists = try attributes.items("categories_")
        let isGrouping = try attributes.flag("_infrequent_enabled", default: false)
        let mappings = isGrouping ? try attributes.items("_default_to_infrequent_mappings") : []
        let infrequent = isGrouping ? try attributes.items("_infrequent_indices") : []
        columns = try lists.enumerated().map { index, list in
            guard let values = Attributes.items(list) else { throw attributes.uncovered("categories_") }
            var indices: [Category: Int] = [:]
            for (place, value) in values.enumerated() { indices[try Self.category(value, attributes)] = place }
            var mapping: [Int]?
            var first: Int?
            if isGrouping, mappings.indices.contains(index), case .array(let array) = mappings[index] { mapping = array.integers }
            if isGrouping, infrequent.indices.contains(index), case .array(let array) = infrequent[index] { first = array.integers?.first }
            guard mapping.map({ $0.count == values.count }) ?? true else { throw attributes.uncovered("_default_to_infrequent_mappings") }
            return ColumnCategories(indices: indices, count: values.count, mapping: mapping, firstInfrequent: first)
        }
    }

    private static func category(_ value: FittedValue, _ attributes: Attributes) throws -> Category {
        if case .none = value { return .none }
        if let text = value.string { return Category(text) }
        guard let number = value.number else { throw attributes.uncovered("a category that is neither number nor text") }
        return Category(number)
    }

    /// The values of a column as categories.
    static func categories(_ column: Column) -> [Category] {
        switch column {
        case .numbers(let values): values.map { Category($0) }
        case .texts(let values): values.map { Category($0) }
        }
    }

    func checked(_ rows: Rows) throws {
        guard rows.columns == columns.count else { throw EvaluationFailure("X has \(rows.columns) features, but \(columns.count) are expected.") }
    }
}

/// One column for each category.
///
/// Source: https://github.com/scikit-learn/scikit-learn/blob/main/sklearn/preprocessing/_encoders.py
struct OneHotEncoder: Transformer {
    private let table: CategoryTable
    /// Columns of the output for each column of the input.
    private let widths: [Int]
    /// The category without a column of its own, after grouping.
    private let dropped: [Int?]
    private let refusesUnknown: Bool
    private let groupsUnknown: Bool

    init(_ attributes: Attributes) throws {
        let table = try CategoryTable(attributes)
        self.table = table
        let unknown = try attributes.text("handle_unknown")
        refusesUnknown = unknown == "error"
        groupsUnknown = unknown == "infrequent_if_exist" || unknown == "warn"
        guard refusesUnknown || groupsUnknown || unknown == "ignore" else { throw attributes.uncovered("handle_unknown=\(unknown)") }
        let name = attributes.object.attributes["_drop_idx_after_grouping"] == nil ? "drop_idx_" : "_drop_idx_after_grouping"
        if attributes.has(name) {
            dropped = try attributes.items(name).map(\.integer)
            guard dropped.count == table.columns.count else { throw attributes.uncovered(name) }
        } else {
            dropped = table.columns.map { _ in nil }
        }
        widths = zip(table.columns, dropped).map { column, drop in
            let grouped = column.mapping.map { ($0.max() ?? -1) + 1 } ?? column.count
            return grouped - (drop == nil ? 0 : 1)
        }
        attributes.builder.note(width: widths.reduce(0, +))
    }

    func transform(_ rows: Rows) throws -> Rows {
        try table.checked(rows)
        var result = Matrix(rows: rows.count, columns: widths.reduce(0, +))
        var start = 0
        for (index, column) in table.columns.enumerated() {
            for (row, category) in CategoryTable.categories(rows.column(index)).enumerated() {
                guard var place = try place(of: category, in: column, index) else { continue }
                if let mapping = column.mapping { place = mapping[place] }
                if let drop = dropped[index] {
                    if place == drop { continue }
                    if place > drop { place -= 1 }
                }
                result[row, start + place] = 1
            }
            start += widths[index]
        }
        return .matrix(result)
    }

    /// nil for an unknown category that has no column.
    private func place(of category: Category, in column: CategoryTable.ColumnCategories, _ index: Int) throws -> Int? {
        if let known = column.indices[category] { return known }
        guard !refusesUnknown else { throw EvaluationFailure("Found unknown categories in column \(index) during transform") }
        return groupsUnknown ? column.firstInfrequent : nil
    }
}

/// The index of the category.
struct OrdinalEncoder: Transformer {
    private let table: CategoryTable
    private let unknown: Double?
    private let missing: Double

    init(_ attributes: Attributes) throws {
        table = try CategoryTable(attributes)
        unknown = try attributes.text("handle_unknown") == "use_encoded_value" ? try attributes.number("unknown_value") : nil
        missing = attributes.has("encoded_missing_value") ? try attributes.number("encoded_missing_value") : .nan
        if let dtype = attributes.object.attributes["dtype"], case .name(let name) = dtype, !["numpy.float64", "builtins.float"].contains(name) {
            throw attributes.uncovered("dtype=\(name)")
        }
    }

    func transform(_ rows: Rows) throws -> Rows {
        try table.checked(rows)
        var result = Matrix(rows: rows.count, columns: rows.columns)
        for (index, column) in table.columns.enumerated() {
            for (row, category) in CategoryTable.categories(rows.column(index)).enumerated() {
                result[row, index] = try code(category, column, index)
            }
        }
        return .matrix(result)
    }

    private func code(_ category: Category, _ column: CategoryTable.ColumnCategories, _ index: Int) throws -> Double {
        guard let place = column.indices[category] else {
            guard let unknown else { throw EvaluationFailure("Found unknown categories in column \(index) during transform") }
            return unknown
        }
        if category == .nan || category == .none { return missing }
        return Double(column.mapping?[place] ?? place)
    }
}

/// The mean of the target for each category.
struct TargetEncoder: Transformer {
    private let table: CategoryTable
    /// For each output column: the input column, and the code of each category.
    private let codes: [(column: Int, values: [Double])]
    private let standard: [Double]

    init(_ attributes: Attributes) throws {
        let table = try CategoryTable(attributes)
        self.table = table
        let encodings = try attributes.items("encodings_").map { value -> [Double] in
            guard let numbers = Attributes.numbers(value) else { throw attributes.uncovered("encodings_") }
            return numbers
        }
        standard = try attributes.numbers("target_mean_")
        // Several classes: all classes of the first column, then those of the second.
        let classes = attributes.optionalText("target_type_") == "multiclass" ? standard.count : 1
        guard encodings.count == table.columns.count * classes, standard.count == classes else { throw attributes.uncovered("encodings_") }
        codes = encodings.enumerated().map { ($0.offset / classes, $0.element) }
        guard codes.allSatisfy({ $0.values.count == table.columns[$0.column].count }) else { throw attributes.uncovered("encodings_") }
    }

    func transform(_ rows: Rows) throws -> Rows {
        try table.checked(rows)
        var result = Matrix(rows: rows.count, columns: codes.count)
        let categories = (0..<rows.columns).map { CategoryTable.categories(rows.column($0)) }
        for (output, code) in codes.enumerated() {
            for row in 0..<rows.count {
                let place = table.columns[code.column].indices[categories[code.column][row]]
                result[row, output] = place.map { code.values[$0] } ?? standard[output % standard.count]
            }
        }
        return .matrix(result)
    }
}

/// The bin of each value, as a number or as one column for each bin.
struct Discretizer: Transformer {
    private let edges: [[Double]]
    private let isOrdinal: Bool
    private let encoder: (any Transformer)?
    /// Whether values are moved up a little before they are compared, as 1.0 did.
    private let isNudged: Bool

    init(_ attributes: Attributes) throws {
        edges = try attributes.items("bin_edges_").map { value in
            guard let edges = Attributes.numbers(value), edges.count >= 2 else { throw attributes.uncovered("bin_edges_") }
            return edges
        }
        isOrdinal = try attributes.text("encode") == "ordinal"
        encoder = isOrdinal ? nil : try attributes.estimator("_encoder") as? any Transformer
        guard isOrdinal || encoder != nil else { throw attributes.uncovered("_encoder") }
        isNudged = attributes.version < LibraryVersion(1, 1)
        if attributes.has("dtype") { throw attributes.uncovered("dtype") }
    }

    func transform(_ rows: Rows) throws -> Rows {
        let bins = try rows.finite(columns: edges.count).mapColumns { value, column in
            let inner = edges[column].dropFirst().dropLast()
            let value = isNudged ? value + 1e-8 + 1e-5 * abs(value) : value
            return Double(inner.partitioningIndex { $0 > value } - inner.startIndex)
        }
        return try encoder?.transform(.matrix(bins)) ?? .matrix(bins)
    }
}

extension RandomAccessCollection where Index == Int {
    /// The first index whose element fulfils `predicate`, in a collection where all after it do too.
    func partitioningIndex(_ predicate: (Element) -> Bool) -> Int {
        var (low, high) = (startIndex, endIndex)
        while low < high {
            let middle = low + (high - low) / 2
            if predicate(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
