import Formats

/// Bagging: estimators on parts of the columns; their probabilities are averaged, or their votes counted.
struct BaggingClassifier: ProbabilisticClassifier {
    let classes: [Label]
    private let members: [(estimator: any Classifier, columns: [Int])]

    init(_ attributes: Attributes) throws {
        let classes = try attributes.labels("classes_")
        self.classes = classes
        members = try Bagging.members(attributes).map { member in
            guard let classifier = member.estimator as? any Classifier else { throw attributes.uncovered("estimators_") }
            // Members are fitted on the indices of the classes.
            guard classifier.classes.allSatisfy({ label in if case .int(let index) = label { classes.indices.contains(index) } else { false } }) else {
                throw attributes.uncovered("estimators_ of other classes")
            }
            return (classifier, member.columns)
        }
    }

    func decision(_ rows: Rows) throws -> Matrix? {
        var sums: Matrix?
        for (estimator, columns) in members {
            guard estimator.classes.count == classes.count, let scores = try estimator.decision(rows.columns(columns)) else { return nil }
            var sum = sums ?? Matrix(rows: scores.rows, columns: scores.columns)
            for index in sum.values.indices { sum.values[index] += scores.values[index] }
            sums = sum
        }
        return sums?.mapColumns { value, _ in value / Double(members.count) }
    }

    func probabilities(_ rows: Rows) throws -> Matrix {
        var sums = Matrix(rows: rows.count, columns: classes.count)
        for (estimator, columns) in members {
            let part = rows.columns(columns)
            let places = estimator.classes.map { label in if case .int(let index) = label { index } else { 0 } }
            if estimator.givesProbabilities {
                let probabilities = try estimator.probabilities(part)
                for row in 0..<sums.rows {
                    for (column, place) in places.enumerated() { sums[row, place] += probabilities[row, column] }
                }
            } else {
                for (row, winner) in try estimator.predict(part).enumerated() { sums[row, places[winner]] += 1 }
            }
        }
        for index in sums.values.indices { sums.values[index] /= Double(members.count) }
        return sums
    }
}

struct BaggingRegressor: Regressor {
    private let members: [(estimator: any Regressor, columns: [Int])]

    init(_ attributes: Attributes) throws {
        members = try Bagging.members(attributes).map { member in
            guard let regressor = member.estimator as? any Regressor else { throw attributes.uncovered("estimators_") }
            return (regressor, member.columns)
        }
    }

    func values(_ rows: Rows) throws -> Matrix {
        var sums = Matrix(rows: rows.count, columns: 1)
        for (estimator, columns) in members {
            let values = try estimator.values(rows.columns(columns))
            for row in 0..<sums.rows { sums[row, 0] += values[row, 0] }
        }
        for index in sums.values.indices { sums.values[index] /= Double(members.count) }
        return sums
    }
}

private enum Bagging {
    static func members(_ attributes: Attributes) throws -> [(estimator: any FittedEstimator, columns: [Int])] {
        let estimators = try attributes.items("estimators_")
        let features = try attributes.items("estimators_features_")
        let width = try attributes.count("n_features_in_")
        guard !estimators.isEmpty, estimators.count == features.count else { throw attributes.uncovered("estimators_features_") }
        return try zip(estimators, features).map { estimator, columns in
            guard case .array(let array) = columns, let indices = array.integers, indices.allSatisfy((0..<width).contains) else {
                throw attributes.uncovered("estimators_features_")
            }
            return (try attributes.builder.build(estimator, within: attributes.version), indices)
        }
    }
}
