import Formats
internal import Glibc

/// AdaBoost: classifiers that vote with weights (SAMME) or with the logarithms of their probabilities (SAMME.R, before 1.6).
///
/// Source: https://github.com/scikit-learn/scikit-learn/blob/main/sklearn/ensemble/_weight_boosting.py
struct AdaBoostClassifier: Classifier {
    let classes: [Label]
    private let estimators: [any Classifier]
    private let weights: [Double]
    private let usesProbabilities: Bool
    /// What a class gets that was not voted for; since 1.3 less than nothing.
    private let loser: Double

    init(_ attributes: Attributes) throws {
        classes = try attributes.labels("classes_")
        estimators = try attributes.items("estimators_").map {
            guard let classifier = try attributes.builder.build($0, within: attributes.version) as? any Classifier else { throw attributes.uncovered("estimators_") }
            return classifier
        }
        weights = Array(try attributes.numbers("estimator_weights_").prefix(estimators.count))
        usesProbabilities = attributes.version < LibraryVersion(1, 6) && attributes.optionalText("algorithm") == "SAMME.R"
        loser = attributes.version < LibraryVersion(1, 3) ? 0 : -1 / Double(max(classes.count - 1, 1))
        guard classes.count > 1, weights.count == estimators.count, estimators.allSatisfy({ $0.classes == classes }) else {
            throw attributes.uncovered("estimators_ of other classes")
        }
    }

    var givesProbabilities: Bool { true }

    func decision(_ rows: Rows) throws -> Matrix? { try scores(rows) }

    func predict(_ rows: Rows) throws -> [Int] { Functions.classes(ofScores: try scores(rows)) }

    func probabilities(_ rows: Rows) throws -> Matrix {
        let scores = try scores(rows)
        guard classes.count == 2 else { return Functions.softmax(scores.mapColumns { value, _ in value / Double(classes.count - 1) }) }
        return Functions.softmax(Matrix(rows: scores.rows, columns: 2, values: scores.values.flatMap { [-$0 / 2, $0 / 2] }))
    }

    private func scores(_ rows: Rows) throws -> Matrix {
        var sums = Matrix(rows: rows.count, columns: classes.count)
        for (estimator, weight) in zip(estimators, weights) {
            if usesProbabilities { try addLogarithms(estimator, rows, &sums) } else { try addVotes(estimator, weight, rows, &sums) }
        }
        let total = weights.reduce(0, +)
        for index in sums.values.indices { sums.values[index] /= total }
        guard classes.count == 2 else { return sums }
        return Matrix(column: (0..<sums.rows).map { sums[$0, 1] - sums[$0, 0] })
    }

    private func addVotes(_ estimator: any Classifier, _ weight: Double, _ rows: Rows, _ sums: inout Matrix) throws {
        for (row, winner) in try estimator.predict(rows).enumerated() {
            for column in classes.indices { sums[row, column] += column == winner ? weight : loser * weight }
        }
    }

    private func addLogarithms(_ estimator: any Classifier, _ rows: Rows, _ sums: inout Matrix) throws {
        let count = Double(classes.count)
        let probabilities = try estimator.probabilities(rows)
        for row in 0..<probabilities.rows {
            let logs = probabilities.row(row).map { log(max($0, Double.ulpOfOne)) }
            let mean = 1 / count * logs.reduce(0, +)
            for column in classes.indices { sums[row, column] += (count - 1) * (logs[column] - mean) }
        }
    }
}

/// AdaBoost.R2: the weighted median of its regressors.
struct AdaBoostRegressor: Regressor {
    private let estimators: [any Regressor]
    private let weights: [Double]

    init(_ attributes: Attributes) throws {
        estimators = try attributes.items("estimators_").map {
            guard let regressor = try attributes.builder.build($0, within: attributes.version) as? any Regressor else { throw attributes.uncovered("estimators_") }
            return regressor
        }
        weights = Array(try attributes.numbers("estimator_weights_").prefix(estimators.count))
        guard !estimators.isEmpty, weights.count == estimators.count else { throw attributes.uncovered("estimator_weights_") }
    }

    func values(_ rows: Rows) throws -> Matrix {
        let answers = try estimators.map { try $0.values(rows) }
        return Matrix(
            column: (0..<rows.count).map { row in
                let order = answers.indices.sorted { (answers[$0][row, 0], $0) < (answers[$1][row, 0], $1) }
                var sum = 0.0
                let cumulated = order.map { index -> Double in
                    sum += weights[index]
                    return sum
                }
                let median = cumulated.firstIndex { $0 >= 0.5 * sum } ?? 0
                return answers[order[median]][row, 0]
            })
    }
}
