import Formats
internal import Glibc

/// Linear discriminant analysis as a classifier and as a projection.
struct LinearDiscriminant: Classifier, Transformer {
    private let classifier: LinearClassifier
    private let projection: Projection?

    /// `(X - xbar) · scalings`, or `X · scalings - …` as the solver has it.
    private struct Projection: Sendable {
        let mean: [Double]
        let map: LinearMap
        let components: Int
    }

    init(_ attributes: Attributes) throws {
        classifier = try LinearClassifier(attributes, link: .discriminant)
        guard attributes.optionalText("solver") != "lsqr", attributes.has("scalings_") else {
            projection = nil
            return
        }
        let scalings = try attributes.matrix("scalings_")
        let mean = attributes.has("xbar_") ? try attributes.numbers("xbar_") : [Double](repeating: 0, count: scalings.rows)
        guard mean.count == scalings.rows else { throw attributes.uncovered("xbar_") }
        let transposed = Matrix.transposed(scalings)
        projection = Projection(
            mean: mean, map: try LinearMap(weights: transposed, intercepts: [0], of: attributes.typeName),
            components: min(scalings.columns, try attributes.count("_max_components")))
    }

    var classes: [Label] { classifier.classes }
    var givesProbabilities: Bool { true }
    func probabilities(_ rows: Rows) throws -> Matrix { try classifier.probabilities(rows) }
    func decision(_ rows: Rows) throws -> Matrix? { try classifier.decision(rows) }
    func predict(_ rows: Rows) throws -> [Int] { try classifier.predict(rows) }
    func answer(_ rows: Rows) throws -> (classes: [Int], probabilities: Matrix?) { try classifier.answer(rows) }

    func transform(_ rows: Rows) throws -> Rows {
        guard let projection else { throw EvaluationFailure("transform not implemented for 'lsqr' solver") }
        let centred = try rows.finite(columns: projection.mean.count).mapColumns { $0 - projection.mean[$1] }
        return .matrix(try projection.map.apply(centred).columns(Array(0..<projection.components)))
    }
}

/// Quadratic discriminant analysis: a Gaussian with a covariance of its own for each class.
///
/// Source: equation (4.12) of Hastie, Tibshirani and Friedman, "The Elements of Statistical Learning".
struct QuadraticDiscriminant: Classifier {
    let classes: [Label]
    private let means: Matrix
    private let maps: [LinearMap]
    private let constants: [Double]

    init(_ attributes: Attributes) throws {
        classes = try attributes.labels("classes_")
        means = try attributes.matrix("means_")
        let priors = try attributes.numbers("priors_")
        let rotations = try attributes.items("rotations_").compactMap(Attributes.matrix)
        let scalings = try attributes.items("scalings_").compactMap(Attributes.numbers)
        let count = classes.count
        guard means.rows == count, priors.count == count, rotations.count == count, scalings.count == count else {
            throw attributes.uncovered("parameters of \(rotations.count) classes, expected \(count)")
        }
        maps = try zip(rotations, scalings).map { rotation, scaling in
            guard rotation.columns == scaling.count else { throw attributes.uncovered("scalings_ beside rotations_") }
            let weights = Matrix.transposed(rotation.mapColumns { $0 * pow(scaling[$1], -0.5) })
            return try LinearMap(weights: weights, intercepts: [0], of: attributes.typeName)
        }
        constants = zip(scalings, priors).map { scaling, prior in -0.5 * scaling.reduce(0) { $0 + log($1) } + log(prior) }
    }

    var givesProbabilities: Bool { true }

    func decision(_ rows: Rows) throws -> Matrix? {
        let scores = try logLikelihood(rows)
        guard classes.count == 2 else { return scores }
        return Matrix(column: (0..<scores.rows).map { scores[$0, 1] - scores[$0, 0] })
    }

    func predict(_ rows: Rows) throws -> [Int] { try logLikelihood(rows).argmax() }

    func probabilities(_ rows: Rows) throws -> Matrix { Functions.softmax(try logLikelihood(rows)) }

    private func logLikelihood(_ rows: Rows) throws -> Matrix {
        let input = try rows.finite(columns: means.columns)
        var scores = Matrix(rows: input.rows, columns: classes.count)
        for index in classes.indices {
            let rotated = try maps[index].apply(input.mapColumns { $0 - means[index, $1] })
            for row in 0..<input.rows {
                scores[row, index] = -0.5 * rotated.row(row).reduce(0) { $0 + $1 * $1 } + constants[index]
            }
        }
        return scores
    }
}

extension LinearClassifier {
    /// Ridge: labels are learnt as -1 and 1.
    static func ridge(_ attributes: Attributes) throws -> any Classifier {
        guard case .object(let binarizer)? = attributes.object.attributes["_label_binarizer"], let classes = binarizer.attributes["classes_"] else {
            return try LinearClassifier(attributes, link: .none)
        }
        guard binarizer.attributes["y_type_"]?.string.map({ !$0.hasPrefix("multilabel") }) ?? false else { throw attributes.uncovered("several labels a row") }
        var members = attributes.object.attributes
        members["classes_"] = classes
        let object = FittedObject(className: attributes.object.className, arguments: [], attributes: members)
        return try LinearClassifier(Attributes(object: object, version: attributes.version, builder: attributes.builder), link: .none)
    }
}

extension Matrix {
    static func transposed(_ matrix: Matrix) -> Matrix {
        var result = Matrix(rows: matrix.columns, columns: matrix.rows)
        for row in 0..<matrix.rows {
            for column in 0..<matrix.columns { result[column, row] = matrix[row, column] }
        }
        return result
    }
}
