/// An estimator that was fitted by its library and is evaluated here. What it can do is told by the roles below.
protocol FittedEstimator: Sendable {}

/// Turns rows into other rows.
protocol Transformer: FittedEstimator {
    /// - Throws: ``EvaluationFailure`` where the library would raise an error.
    func transform(_ rows: Rows) throws -> Rows
}

/// Tells one of several classes for each row.
protocol Classifier: FittedEstimator {
    var classes: [Label] { get }
    /// Whether `predict_proba` exists.
    var givesProbabilities: Bool { get }
    /// `[rows, classes]`; called only when ``givesProbabilities``.
    func probabilities(_ rows: Rows) throws -> Matrix
    /// `decision_function`: `[rows, 1]` for two classes, else one column a class; nil when the estimator has none.
    func decision(_ rows: Rows) throws -> Matrix?
    /// Index of the class of each row.
    func predict(_ rows: Rows) throws -> [Int]
    /// Classes and, where there are any, probabilities of the same rows: what both begin with is computed once.
    func answer(_ rows: Rows) throws -> (classes: [Int], probabilities: Matrix?)
}

extension Classifier {
    func decision(_ rows: Rows) throws -> Matrix? { nil }

    func answer(_ rows: Rows) throws -> (classes: [Int], probabilities: Matrix?) {
        (try predict(rows), givesProbabilities ? try probabilities(rows) : nil)
    }
}

/// A classifier that answers the most probable class.
protocol ProbabilisticClassifier: Classifier {}

extension ProbabilisticClassifier {
    var givesProbabilities: Bool { true }

    func predict(_ rows: Rows) throws -> [Int] { try probabilities(rows).argmax() }

    func answer(_ rows: Rows) throws -> (classes: [Int], probabilities: Matrix?) {
        let probabilities = try probabilities(rows)
        return (probabilities.argmax(), probabilities)
    }
}

/// Tells one or several numbers for each row.
protocol Regressor: FittedEstimator {
    /// `[rows, targets]`
    func values(_ rows: Rows) throws -> Matrix
    /// Whether the library's answer is `[rows, 1]` and not `[rows]` when there is one target.
    var keepsTargetAxis: Bool { get }
}

extension Regressor {
    var keepsTargetAxis: Bool { false }
}

/// Tells for each row whether it is an outlier (-1) or not (1).
protocol OutlierDetector: FittedEstimator {
    func decision(_ rows: Rows) throws -> [Double]
    /// Whether a decision of exactly zero means an inlier.
    var isInlierAtZero: Bool { get }
}

extension OutlierDetector {
    var isInlierAtZero: Bool { true }

    func predict(_ rows: Rows) throws -> [Int] {
        try decision(rows).map { $0 > 0 || (isInlierAtZero && $0 == 0) ? 1 : -1 }
    }
}

/// Tells for each row the cluster it belongs to.
protocol Clusterer: FittedEstimator {
    func clusters(_ rows: Rows) throws -> [Int]
}

/// A class label as the library holds it.
enum Label: Sendable, Hashable {
    case int(Int)
    case double(Double)
    case bool(Bool)
    case text(String)

    var number: Double? {
        switch self {
        case .int(let value): Double(value)
        case .double(let value): value
        case .bool(let value): value ? 1 : 0
        case .text: nil
        }
    }
}

/// The input cannot be evaluated: the library would raise an error too.
package struct EvaluationFailure: Error, Sendable, CustomStringConvertible {
    package let message: String

    init(_ message: String) {
        self.message = message
    }

    package var description: String { message }
}

/// Rounding in the library decides what it answers here: only the library itself can tell.
package struct Undecided: Error, Sendable {}

/// The model uses something that is not evaluated here; it is served by its own library instead.
package struct Uncovered: Error, Sendable, CustomStringConvertible {
    /// The class and what about it: `sklearn.LogisticRegression: multi_class`.
    package let what: String

    init(_ what: String) {
        self.what = what
    }

    package var description: String { what }
}
