import Formats

/// Classifiers that vote, each with a weight: by their probabilities (soft) or by their answers (hard).
struct VotingClassifier: Classifier {
    let classes: [Label]
    private let members: [any Classifier]
    private let weights: [Double]
    private let isSoft: Bool

    init(_ attributes: Attributes) throws {
        let classes = try attributes.labels("classes_")
        self.classes = classes
        members = try Members.classifiers(attributes, "estimators_")
        // Members are fitted on the indices of the classes.
        guard members.allSatisfy({ $0.classes == classes.indices.map(Label.int) }) else { throw attributes.uncovered("estimators_ of other classes") }
        isSoft = try attributes.text("voting") == "soft"
        weights = try Members.weights(attributes, count: members.count)
        guard !isSoft || members.allSatisfy(\.givesProbabilities) else { throw attributes.uncovered("soft votes without probabilities") }
    }

    var givesProbabilities: Bool { isSoft }

    func probabilities(_ rows: Rows) throws -> Matrix {
        var sums = Matrix(rows: rows.count, columns: classes.count)
        for (member, weight) in zip(members, weights) {
            let probabilities = try member.probabilities(rows)
            for index in sums.values.indices { sums.values[index] += weight * probabilities.values[index] }
        }
        let total = weights.reduce(0, +)
        for index in sums.values.indices { sums.values[index] /= total }
        return sums
    }

    func predict(_ rows: Rows) throws -> [Int] {
        if isSoft { return try probabilities(rows).argmax() }
        var votes = Matrix(rows: rows.count, columns: classes.count)
        for (member, weight) in zip(members, weights) {
            for (row, winner) in try member.predict(rows).enumerated() { votes[row, winner] += weight }
        }
        return votes.argmax()
    }
}

/// The weighted mean of several regressors.
struct VotingRegressor: Regressor {
    private let members: [any Regressor]
    private let weights: [Double]

    init(_ attributes: Attributes) throws {
        members = try Members.regressors(attributes, "estimators_")
        weights = try Members.weights(attributes, count: members.count)
    }

    func values(_ rows: Rows) throws -> Matrix {
        var sums = Matrix(rows: rows.count, columns: 1)
        for (member, weight) in zip(members, weights) {
            let values = try member.values(rows)
            for row in 0..<sums.rows { sums[row, 0] += weight * values[row, 0] }
        }
        let total = weights.reduce(0, +)
        return sums.mapColumns { value, _ in value / total }
    }
}

/// Reads lists of fitted members.
enum Members {
    static func classifiers(_ attributes: Attributes, _ name: String) throws -> [any Classifier] {
        try attributes.items(name).map {
            guard let member = try attributes.builder.build($0, within: attributes.version) as? any Classifier else {
                throw attributes.uncovered("\(name): no classifier")
            }
            return member
        }
    }

    static func regressors(_ attributes: Attributes, _ name: String) throws -> [any Regressor] {
        try attributes.items(name).map {
            guard let member = try attributes.builder.build($0, within: attributes.version) as? any Regressor else { throw attributes.uncovered("\(name): no regressor") }
            return member
        }
    }

    /// Weights of the members that were not dropped; all 1 when there are none.
    static func weights(_ attributes: Attributes, count: Int) throws -> [Double] {
        guard attributes.has("weights") else { return [Double](repeating: 1, count: count) }
        let weights = try attributes.numbers("weights")
        guard weights.count == count else { throw attributes.uncovered("weights") }
        return weights
    }
}
