import Formats
internal import Glibc

/// K-means: the nearest of the centres, and the distances to all of them.
struct KMeans: Clusterer, Transformer {
    private let centres: Matrix

    init(_ attributes: Attributes) throws {
        centres = try attributes.matrix("cluster_centers_")
    }

    func clusters(_ rows: Rows) throws -> [Int] { try squaredDistances(rows).argmin() }

    func transform(_ rows: Rows) throws -> Rows {
        .matrix(try squaredDistances(rows).mapColumns { value, _ in value.squareRoot() })
    }

    private func squaredDistances(_ rows: Rows) throws -> Matrix {
        let input = try rows.finite(columns: centres.columns)
        var result = Matrix(rows: input.rows, columns: centres.rows)
        for row in 0..<input.rows {
            for index in 0..<centres.rows {
                for column in 0..<input.columns {
                    let difference = input[row, column] - centres[index, column]
                    result[row, index] += difference * difference
                }
            }
        }
        return result
    }
}

/// A mixture of Gaussians: the component of the largest weighted likelihood.
///
/// Source: `_estimate_log_gaussian_prob`, https://github.com/scikit-learn/scikit-learn/blob/main/sklearn/mixture/_gaussian_mixture.py
struct GaussianMixture: Clusterer {
    private let means: Matrix
    /// For each component the map into its whitened space.
    private let maps: [LinearMap]
    private let constants: [Double]

    init(_ attributes: Attributes) throws {
        means = try attributes.matrix("means_")
        let weights = try attributes.numbers("weights_")
        let array = try attributes.array("precisions_cholesky_")
        guard let values = array.doubles, weights.count == means.rows else { throw attributes.uncovered("precisions_cholesky_") }
        let width = means.columns
        let factors: [Matrix]
        switch (attributes.optionalText("covariance_type"), array.shape) {
        case ("full", [means.rows, width, width]):
            factors = (0..<means.rows).map { Matrix(rows: width, columns: width, values: Array(values[$0 * width * width..<($0 + 1) * width * width])) }
        case ("tied", [width, width]): factors = (0..<means.rows).map { _ in Matrix(rows: width, columns: width, values: values) }
        case ("diag", [means.rows, width]): factors = (0..<means.rows).map { .diagonal(Array(values[$0 * width..<($0 + 1) * width])) }
        case ("spherical", [means.rows]): factors = values.map { .diagonal([Double](repeating: $0, count: width)) }
        default: throw attributes.uncovered("covariance_type")
        }
        maps = try factors.map { try LinearMap(weights: .transposed($0), intercepts: [0], of: attributes.typeName) }
        constants = zip(factors, weights).map { factor, weight in
            (0..<width).reduce(0) { $0 + log(factor[$1, $1]) } - 0.5 * Double(width) * log(2 * Double.pi) + log(weight)
        }
    }

    func clusters(_ rows: Rows) throws -> [Int] {
        let input = try rows.finite(columns: means.columns)
        var scores = Matrix(rows: input.rows, columns: means.rows)
        for index in 0..<means.rows {
            let white = try maps[index].apply(input.mapColumns { $0 - means[index, $1] })
            for row in 0..<input.rows { scores[row, index] = constants[index] - 0.5 * white.row(row).reduce(0) { $0 + $1 * $1 } }
        }
        return scores.argmax()
    }
}

/// Projections onto components: principal components, truncated singular vectors, independent components.
struct Projection: Transformer {
    private let mean: [Double]?
    private let map: LinearMap
    private let scales: [Double]?

    init(_ attributes: Attributes, isCentred: Bool = true) throws {
        let map = try LinearMap(weights: try attributes.matrix("components_"), intercepts: [0], of: attributes.typeName)
        self.map = map
        mean = isCentred && attributes.has("mean_") ? try attributes.numbers("mean_") : nil
        guard mean.map({ $0.count == map.columns }) ?? true else { throw attributes.uncovered("mean_") }
        if isCentred, attributes.typeName != "FastICA", try attributes.flag("whiten", default: false) {
            scales = try attributes.numbers("explained_variance_").map { max($0.squareRoot(), Double.ulpOfOne) }
            guard scales?.count == map.weights.rows else { throw attributes.uncovered("explained_variance_") }
        } else {
            scales = nil
        }
    }

    func transform(_ rows: Rows) throws -> Rows {
        var input = try rows.finite(columns: map.columns)
        if let mean { input = input.mapColumns { $0 - mean[$1] } }
        let result = try map.apply(input)
        return .matrix(scales.map { scales in result.mapColumns { $0 / scales[$1] } } ?? result)
    }
}

/// Predictions that do not look at the input.
struct Dummy: ProbabilisticClassifier, Sendable {
    let classes: [Label]
    private let shares: [Double]

    init(_ attributes: Attributes) throws {
        classes = try attributes.labels("classes_")
        let priors = try attributes.numbers("class_prior_")
        guard priors.count == classes.count else { throw attributes.uncovered("several outputs") }
        switch attributes.optionalText("_strategy") ?? attributes.optionalText("strategy") {
        case "prior": shares = priors
        case "most_frequent":
            let most = priors.indices.reduce(0) { priors[$1] > priors[$0] ? $1 : $0 }
            shares = priors.indices.map { $0 == most ? 1 : 0 }
        case "constant":
            guard let constant = Attributes.label(try attributes.value("constant")) else { throw attributes.uncovered("constant") }
            shares = classes.map { $0 == constant ? 1 : 0 }
        default: throw attributes.uncovered("a random strategy")
        }
    }

    func probabilities(_ rows: Rows) throws -> Matrix {
        Matrix(rows: rows.count, repeating: shares)
    }
}

struct DummyRegressor: Regressor {
    private let constants: [Double]

    init(_ attributes: Attributes) throws {
        constants = try attributes.numbers("constant_")
    }

    func values(_ rows: Rows) throws -> Matrix {
        Matrix(rows: rows.count, repeating: constants)
    }
}

extension EstimatorBuilder {
    static let clusters: [String: Make] = [
        "sklearn.KMeans": { try KMeans($0) },
        "sklearn.MiniBatchKMeans": { try KMeans($0) },
        "sklearn.GaussianMixture": { try GaussianMixture($0) },
        "sklearn.PCA": { try Projection($0) },
        "sklearn.IncrementalPCA": { try Projection($0) },
        "sklearn.FastICA": { try Projection($0) },
        "sklearn.TruncatedSVD": { try Projection($0, isCentred: false) },
        "sklearn.NMF": { try NonNegativeFactors($0) },
        "sklearn.DummyClassifier": { try Dummy($0) },
        "sklearn.DummyRegressor": { try DummyRegressor($0) },
    ]
}

extension Matrix {
    static func diagonal(_ values: [Double]) -> Matrix {
        var matrix = Matrix(rows: values.count, columns: values.count)
        for (index, value) in values.enumerated() { matrix[index, index] = value }
        return matrix
    }
}
