import Formats

/// Puts the mean, the median, the most frequent or a given value where one is missing.
struct SimpleImputer: Transformer {
    private enum Statistic: Sendable {
        case number(Double)
        case text(String)
    }

    private enum Missing: Sendable {
        case nan
        case number(Double)
        case text(String)
        case none
    }

    /// nil for a column that had no value in training and is left out.
    private let statistics: [Statistic?]
    private let missing: Missing
    private let indicator: MissingIndicator?

    init(_ attributes: Attributes) throws {
        missing = try Self.missing(attributes)
        let keepsEmpty = try attributes.flag("keep_empty_features", default: false) || attributes.optionalText("strategy") == "constant"
        statistics = try attributes.items("statistics_").map { value in
            if let text = value.string { return .text(text) }
            guard let number = value.number else { throw attributes.uncovered("statistics_") }
            return number.isNaN && !keepsEmpty ? nil : .number(number)
        }
        if try attributes.flag("add_indicator", default: false) {
            guard let indicator = try attributes.estimator("indicator_") as? MissingIndicator else { throw attributes.uncovered("indicator_") }
            self.indicator = indicator
        } else {
            indicator = nil
        }
    }

    private static func missing(_ attributes: Attributes) throws -> Missing {
        let value = try attributes.value("missing_values")
        if case .none = value { return .none }
        if let text = value.string { return .text(text) }
        guard let number = value.number else { throw attributes.uncovered("missing_values") }
        return number.isNaN ? .nan : .number(number)
    }

    func transform(_ rows: Rows) throws -> Rows {
        guard rows.columns == statistics.count else { throw EvaluationFailure("X has \(rows.columns) features per sample, expected \(statistics.count)") }
        if case .number = missing { _ = try rows.finite() }
        var parts: [Column] = []
        for (index, statistic) in statistics.enumerated() {
            guard let statistic else { continue }
            parts.append(try filled(rows.column(index), statistic))
        }
        let filled = Frame(rows: rows.count, columns: parts).simplified
        guard let indicator else { return filled }
        return try .concatenated([filled, try indicator.transform(rows)], rows: rows.count)
    }

    private func filled(_ column: Column, _ statistic: Statistic) throws -> Column {
        switch (column, statistic) {
        case (.numbers(let values), .number(let fill)):
            switch missing {
            case .nan: return .numbers(values.map { $0.isNaN ? fill : $0 })
            case .number(let mark): return .numbers(values.map { $0 == mark ? fill : $0 })
            case .text, .none: return column
            }
        case (.texts(let values), .text(let fill)):
            switch missing {
            case .none: return .texts(values.map { $0 ?? fill })
            case .text(let mark): return .texts(values.map { $0.map { ExactText($0) == ExactText(mark) ? fill : $0 } })
            case .nan, .number: return column
            }
        case (.numbers(let values), .text):
            guard case .nan = missing, values.contains(where: \.isNaN) else { return column }
            throw EvaluationFailure("A column of numbers is filled with text.")
        case (.texts, .number): return column
        }
    }
}

/// 1 where a value is missing.
struct MissingIndicator: Transformer {
    private let features: [Int]
    private let mark: Double

    init(_ attributes: Attributes) throws {
        features = try attributes.integers("features_")
        guard let mark = try attributes.value("missing_values").number else { throw attributes.uncovered("missing_values") }
        self.mark = mark
    }

    func transform(_ rows: Rows) throws -> Rows {
        var result = Matrix(rows: rows.count, columns: features.count)
        for (place, feature) in features.enumerated() {
            guard feature >= 0, feature < rows.columns, case .numbers(let values) = rows.column(feature) else {
                throw EvaluationFailure("column \(feature) holds no numbers")
            }
            for (row, value) in values.enumerated() where mark.isNaN ? value.isNaN : value == mark { result[row, place] = 1 }
        }
        return .matrix(result)
    }
}
