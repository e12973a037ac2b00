import Formats
internal import Glibc

/// The class whose mean is nearest; since 1.6 also with scores that count the classes' shares.
///
/// Source: equation (18.2) of Hastie, Tibshirani and Friedman, "The Elements of Statistical Learning";
/// https://github.com/scikit-learn/scikit-learn/blob/main/sklearn/neighbors/_nearest_centroid.py
struct NearestCentroid: Classifier {
    /// What scores need beyond the centroids.
    private struct Scale: Sendable {
        let deviations: [Double]
        let priors: [Double]
        let areEqual: Bool
    }

    let classes: [Label]
    private let centroids: Matrix
    private let isManhattan: Bool
    private let scale: Scale?

    init(_ attributes: Attributes) throws {
        classes = try attributes.labels("classes_")
        centroids = try attributes.matrix("centroids_")
        guard centroids.rows == classes.count else { throw attributes.uncovered("centroids_") }
        switch attributes.optionalText("metric") {
        case "euclidean": isManhattan = false
        case "manhattan": isManhattan = true
        default: throw attributes.uncovered("metric")
        }
        guard attributes.version >= LibraryVersion(1, 6) else {
            scale = nil
            return
        }
        let priors = try attributes.numbers("class_prior_")
        let deviations = try attributes.numbers("within_class_std_dev_")
        guard priors.count == classes.count, deviations.count == centroids.columns else { throw attributes.uncovered("class_prior_") }
        let share = 1 / Double(priors.count)
        scale = Scale(
            deviations: deviations.map { $0 == 0 ? 1 : $0 }, priors: priors, areEqual: priors.allSatisfy { abs($0 - share) <= 1e-8 + 1e-5 * share })
    }

    var givesProbabilities: Bool { scale != nil && !isManhattan }

    func probabilities(_ rows: Rows) throws -> Matrix { Functions.softmax(try scores(rows)) }

    func decision(_ rows: Rows) throws -> Matrix? {
        guard givesProbabilities else { return nil }
        let scores = try scores(rows)
        return classes.count == 2 ? Matrix(column: (0..<scores.rows).map { scores[$0, 1] - scores[$0, 0] }) : scores
    }

    func predict(_ rows: Rows) throws -> [Int] {
        if let scale, !scale.areEqual { return try scores(rows).argmax() }
        return try distances(rows, divisors: nil).argmin()
    }

    private func scores(_ rows: Rows) throws -> Matrix {
        guard let scale else { throw EvaluationFailure("NearestCentroid has no scores before 1.6") }
        return try distances(rows, divisors: scale.deviations).mapColumns { distance, column in
            -(isManhattan ? distance * distance : distance) + 2 * log(scale.priors[column])
        }
    }

    /// Distances to the centroids, squared for the Euclidean metric.
    private func distances(_ rows: Rows, divisors: [Double]?) throws -> Matrix {
        let input = try rows.finite(columns: centroids.columns)
        var distances = Matrix(rows: input.rows, columns: centroids.rows)
        for row in 0..<input.rows {
            for index in 0..<centroids.rows {
                for column in 0..<input.columns {
                    let divisor = divisors?[column] ?? 1
                    let difference = input[row, column] / divisor - centroids[index, column] / divisor
                    distances[row, index] += isManhattan ? abs(difference) : difference * difference
                }
            }
        }
        return distances
    }
}
