import Formats

/// Tells several labels for each row.
protocol MultiLabelClassifier: FittedEstimator {
    /// `[rows][outputs]`
    func labels(_ rows: Rows) throws -> [[Label]]
}

/// One regressor for each target.
struct MultiOutputRegressor: Regressor {
    private let members: [any Regressor]

    init(_ attributes: Attributes) throws {
        members = try Members.regressors(attributes, "estimators_")
    }

    var keepsTargetAxis: Bool { true }

    func values(_ rows: Rows) throws -> Matrix { .concatenated(try members.map { try $0.values(rows) }, rows: rows.count) }
}

/// One classifier for each target.
struct MultiOutputClassifier: MultiLabelClassifier {
    private let members: [any Classifier]

    init(_ attributes: Attributes) throws {
        members = try Members.classifiers(attributes, "estimators_")
    }

    func labels(_ rows: Rows) throws -> [[Label]] {
        let answers = try members.map { member in try member.predict(rows).map { member.classes[$0] } }
        return (0..<rows.count).map { row in answers.map { $0[row] } }
    }
}

/// Classifiers of which each sees the answers of those before it.
struct ClassifierChain: MultiLabelClassifier {
    private let members: [any Classifier]
    private let places: [Int]

    init(_ attributes: Attributes) throws {
        members = try Members.classifiers(attributes, "estimators_")
        places = try ChainOrder.places(attributes, count: members.count)
        if let method = attributes.optionalText("chain_method_") ?? attributes.optionalText("chain_method"), method != "predict" {
            throw attributes.uncovered("chain_method")
        }
    }

    func labels(_ rows: Rows) throws -> [[Label]] {
        let input = try rows.matrix()
        var answers = Matrix(rows: input.rows, columns: 0)
        var columns: [[Label]] = []
        for member in members {
            let labels = try member.predict(.matrix(.concatenated([input, answers], rows: input.rows))).map { member.classes[$0] }
            columns.append(labels)
            let numbers = labels.compactMap(\.number)
            guard numbers.count == labels.count else { throw EvaluationFailure("a member of the chain answers with text") }
            answers = .concatenated([answers, Matrix(column: numbers)], rows: input.rows)
        }
        // The chain holds whole numbers as floating point ones.
        return (0..<input.rows).map { row in places.map { place in columns[place][row].number.map(Label.double) ?? columns[place][row] } }
    }
}

/// Regressors of which each sees the answers of those before it.
struct RegressorChain: Regressor {
    private let members: [any Regressor]
    private let places: [Int]

    init(_ attributes: Attributes) throws {
        members = try Members.regressors(attributes, "estimators_")
        places = try ChainOrder.places(attributes, count: members.count)
    }

    var keepsTargetAxis: Bool { true }

    func values(_ rows: Rows) throws -> Matrix {
        let input = try rows.matrix()
        var answers = Matrix(rows: input.rows, columns: 0)
        for member in members {
            let values = try member.values(.matrix(.concatenated([input, answers], rows: input.rows)))
            answers = .concatenated([answers, values], rows: input.rows)
        }
        return answers.columns(places)
    }
}

/// The order in which the members of a chain answer.
private enum ChainOrder {
    /// For each output the place of its member in the chain.
    static func places(_ attributes: Attributes, count: Int) throws -> [Int] {
        let order = try attributes.integers("order_")
        guard order.sorted() == Array(0..<count) else { throw attributes.uncovered("order_") }
        var places = [Int](repeating: 0, count: count)
        for (place, output) in order.enumerated() { places[output] = place }
        return places
    }
}
