internal import Glibc

/// Naive Bayes: the logarithms of a class's prior and of each feature's likelihood add up.
///
/// Source: https://github.com/scikit-learn/scikit-learn/blob/main/sklearn/naive_bayes.py
struct NaiveBayes: Classifier {
    /// The joint logarithm of the likelihood, up to a constant, `[rows, classes]`.
    private enum Likelihood: Sendable {
        case gaussian(means: Matrix, variances: Matrix, constants: [Double])
        case linear(LinearMap)
        /// Values above the threshold count as 1; no threshold leaves them as they are.
        case bernoulli(LinearMap, threshold: Double?)
    }

    let classes: [Label]
    private let likelihood: Likelihood

    private init(_ attributes: Attributes, _ likelihood: Likelihood) throws {
        classes = try attributes.labels("classes_")
        self.likelihood = likelihood
        let count: Int =
            switch likelihood {
            case .gaussian(let means, _, _): means.rows
            case .linear(let map), .bernoulli(let map, _): map.weights.rows
            }
        guard count == classes.count else { throw attributes.uncovered("\(classes.count) classes_ for \(count) likelihoods") }
    }

    static func gaussian(_ attributes: Attributes) throws -> NaiveBayes {
        let means = try attributes.matrix("theta_")
        let variances = try attributes.matrix(attributes.has("var_") ? "var_" : "sigma_")
        let priors = try attributes.numbers("class_prior_")
        guard variances.rows == means.rows, variances.columns == means.columns, priors.count == means.rows else { throw attributes.uncovered("var_ beside theta_") }
        let constants = (0..<means.rows).map { index in
            log(priors[index]) - 0.5 * variances.row(index).reduce(0) { $0 + log(2 * Double.pi * $1) }
        }
        return try NaiveBayes(attributes, .gaussian(means: means, variances: variances, constants: constants))
    }

    static func multinomial(_ attributes: Attributes) throws -> NaiveBayes {
        try NaiveBayes(
            attributes,
            .linear(try LinearMap(weights: try attributes.matrix("feature_log_prob_"), intercepts: try attributes.numbers("class_log_prior_"), of: attributes.typeName)))
    }

    static func complement(_ attributes: Attributes) throws -> NaiveBayes {
        let weights = try attributes.matrix("feature_log_prob_")
        let intercepts = weights.rows == 1 ? try attributes.numbers("class_log_prior_") : [0]
        return try NaiveBayes(attributes, .linear(try LinearMap(weights: weights, intercepts: intercepts, of: attributes.typeName)))
    }

    static func bernoulli(_ attributes: Attributes) throws -> NaiveBayes {
        let logs = try attributes.matrix("feature_log_prob_")
        let absent = logs.mapColumns { value, _ in log(1 - exp(value)) }
        let priors = try attributes.numbers("class_log_prior_")
        guard priors.count == logs.rows else { throw attributes.uncovered("class_log_prior_") }
        var weights = logs
        for index in weights.values.indices { weights.values[index] -= absent.values[index] }
        let intercepts = (0..<logs.rows).map { priors[$0] + absent.row($0).reduce(0, +) }
        let threshold = attributes.has("binarize") ? try attributes.number("binarize") : nil
        return try NaiveBayes(attributes, .bernoulli(try LinearMap(weights: weights, intercepts: intercepts, of: attributes.typeName), threshold: threshold))
    }

    var givesProbabilities: Bool { true }

    func predict(_ rows: Rows) throws -> [Int] { try joint(rows).argmax() }

    func answer(_ rows: Rows) throws -> (classes: [Int], probabilities: Matrix?) {
        let joint = try joint(rows)
        return (joint.argmax(), probabilities(ofJoint: joint))
    }

    func probabilities(_ rows: Rows) throws -> Matrix { probabilities(ofJoint: try joint(rows)) }

    private func probabilities(ofJoint joint: Matrix) -> Matrix {
        var result = joint
        for row in 0..<result.rows {
            let sum = Functions.logSumExp(result.row(row))
            for column in 0..<result.columns { result[row, column] = exp(result[row, column] - sum) }
        }
        return result
    }

    private func joint(_ rows: Rows) throws -> Matrix {
        switch likelihood {
        case .linear(let map): return try map.apply(try rows.finite(columns: map.columns))
        case .bernoulli(let map, let threshold):
            let input = try rows.finite(columns: map.columns)
            guard let threshold else { return try map.apply(input) }
            return try map.apply(input.mapColumns { value, _ in value > threshold ? 1 : 0 })
        case .gaussian(let means, let variances, let constants):
            let input = try rows.finite(columns: means.columns)
            var result = Matrix(rows: input.rows, columns: means.rows)
            for row in 0..<input.rows {
                for index in 0..<means.rows {
                    var sum = 0.0
                    for column in 0..<input.columns {
                        let difference = input[row, column] - means[index, column]
                        sum += difference * difference / variances[index, column]
                    }
                    result[row, index] = constants[index] - 0.5 * sum
                }
            }
            return result
        }
    }
}

extension EstimatorBuilder {
    static let bayes: [String: Make] = [
        "sklearn.GaussianNB": { try NaiveBayes.gaussian($0) },
        "sklearn.MultinomialNB": { try NaiveBayes.multinomial($0) },
        "sklearn.ComplementNB": { try NaiveBayes.complement($0) },
        "sklearn.BernoulliNB": { try NaiveBayes.bernoulli($0) },
    ]
}
