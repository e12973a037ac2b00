import Formats
internal import Glibc

/// Finds the nearest training rows by comparing with all of them.
struct Neighborhood: Sendable {
    private enum Metric: Sendable {
        case euclidean, manhattan, chebyshev
        case minkowski(Double)
    }

    struct Neighbor {
        let index: Int
        let distance: Double
    }

    let samples: Matrix
    let count: Int
    private let isWeighted: Bool
    private let metric: Metric
    /// Whether the library computes squared distances from inner products.
    private let isExpanded: Bool
    private let norms: [Double]

    init(_ attributes: Attributes) throws {
        let samples = try attributes.matrix("_fit_X")
        self.samples = samples
        count = try attributes.count("n_neighbors")
        guard (1...samples.rows).contains(count) else { throw attributes.uncovered("n_neighbors") }
        switch attributes.optionalText("weights") {
        case "uniform": isWeighted = false
        case "distance": isWeighted = true
        default: throw attributes.uncovered("weights")
        }
        isExpanded = attributes.optionalText("_fit_method") == "brute"
        switch attributes.optionalText("effective_metric_") {
        case "euclidean", "l2": metric = .euclidean
        case "manhattan", "cityblock", "l1": metric = .manhattan
        case "chebyshev": metric = .chebyshev
        case "minkowski":
            guard !attributes.has("metric_params") else { throw attributes.uncovered("metric_params") }
            metric = .minkowski(try attributes.number("p"))
        default: throw attributes.uncovered("metric")
        }
        if isWeighted, isExpanded, case .euclidean = metric { throw attributes.uncovered("weights by distances that were rounded otherwise") }
        norms = (0..<samples.rows).map { samples.row($0).reduce(0) { $0 + $1 * $1 } }
    }

    /// The nearest rows and their weights.
    /// - Parameter agree: Whether two samples have the same target.
    /// - Throws: ``Undecided`` when samples with different targets are equally far: the library's order decides between them.
    func nearest(_ input: Matrix, row: Int, _ agree: (Int, Int) -> Bool) throws -> [(index: Int, weight: Double)] {
        var all = (0..<samples.rows).map { Neighbor(index: $0, distance: distance(input, row, $0)) }
        all.sort { ($0.distance, $0.index) < ($1.distance, $1.index) }
        let nearest = all.prefix(count)
        try checkBorder(all, norm: input.row(row).reduce(0) { $0 + $1 * $1 }, agree)
        guard isWeighted else { return nearest.map { ($0.index, 1) } }
        let touches = nearest.contains { $0.distance == 0 }
        return nearest.map { ($0.index, touches ? ($0.distance == 0 ? 1 : 0) : 1 / $0.distance) }
    }

    /// Between the last sample that counts and the first that does not: `|x|² - 2xy + |y|²`, as the library computes with brute
    /// force, tells squares of distances apart only up to the rounding of its parts.
    private func checkBorder(_ all: [Neighbor], norm: Double, _ agree: (Int, Int) -> Bool) throws {
        guard count < all.count else { return }
        let border = all[count - 1]
        func isTied(_ other: Neighbor) -> Bool {
            let slack = isExpanded ? 1e-13 * (norm + max(norms[border.index], norms[other.index])) : 0
            return abs(other.distance * other.distance - border.distance * border.distance) <= slack + 1e-13 * border.distance * border.distance
        }
        let inside = all[..<count].reversed().prefix(while: isTied)
        let outside = all[count...].prefix(while: isTied)
        guard let first = outside.first else { return }
        guard inside.allSatisfy({ agree($0.index, first.index) }), outside.allSatisfy({ agree($0.index, first.index) }) else { throw Undecided() }
    }

    private func distance(_ input: Matrix, _ row: Int, _ sample: Int) -> Double {
        var sum = 0.0
        for column in 0..<samples.columns {
            let difference = abs(input[row, column] - samples[sample, column])
            switch metric {
            case .euclidean: sum += difference * difference
            case .manhattan: sum += difference
            case .chebyshev: sum = max(sum, difference)
            case .minkowski(let power): sum += pow(difference, power)
            }
        }
        return switch metric {
        case .euclidean: sum.squareRoot()
        case .manhattan, .chebyshev: sum
        case .minkowski(let power): pow(sum, 1 / power)
        }
    }
}

struct NeighborsClassifier: ProbabilisticClassifier {
    let classes: [Label]
    private let neighborhood: Neighborhood
    private let targets: [Int]

    init(_ attributes: Attributes) throws {
        classes = try attributes.labels("classes_")
        neighborhood = try Neighborhood(attributes)
        targets = try attributes.integers("_y")
        guard targets.count == neighborhood.samples.rows, targets.allSatisfy(classes.indices.contains) else { throw attributes.uncovered("several outputs") }
    }

    func probabilities(_ rows: Rows) throws -> Matrix {
        let input = try rows.finite(columns: neighborhood.samples.columns)
        var result = Matrix(rows: input.rows, columns: classes.count)
        for row in 0..<input.rows {
            for (index, weight) in try neighborhood.nearest(input, row: row, { targets[$0] == targets[$1] }) { result[row, targets[index]] += weight }
        }
        return Functions.normalized(result)
    }
}

struct NeighborsRegressor: Regressor {
    private let neighborhood: Neighborhood
    private let targets: Matrix

    init(_ attributes: Attributes) throws {
        neighborhood = try Neighborhood(attributes)
        let array = try attributes.array("_y")
        guard let values = array.doubles, let rows = array.shape.first, rows == neighborhood.samples.rows, array.shape.count <= 2 else {
            throw attributes.uncovered("_y")
        }
        targets = Matrix(rows: rows, columns: array.shape.count == 2 ? array.shape[1] : 1, values: values)
    }

    func values(_ rows: Rows) throws -> Matrix {
        let input = try rows.finite(columns: neighborhood.samples.columns)
        var result = Matrix(rows: input.rows, columns: targets.columns)
        for row in 0..<input.rows {
            let nearest = try neighborhood.nearest(input, row: row) { targets.row($0) == targets.row($1) }
            let total = nearest.reduce(0) { $0 + $1.weight }
            for column in 0..<targets.columns {
                result[row, column] = nearest.reduce(0) { $0 + targets[$1.index, column] * $1.weight } / total
            }
        }
        return result
    }
}

extension EstimatorBuilder {
    static let neighbors: [String: Make] = [
        "sklearn.KNeighborsClassifier": { try NeighborsClassifier($0) },
        "sklearn.KNeighborsRegressor": { try NeighborsRegressor($0) },
        "sklearn.NearestCentroid": { try NearestCentroid($0) },
    ]
}
