import Formats
internal import Glibc

/// How the sums of boosted trees become an answer.
enum BoostingLink: Sendable {
    case identity, exponential, logistic, softmax
    /// The logistic function of twice the sum, as AdaBoost's loss has it.
    case doubledLogistic

    /// Values of a regressor.
    func values(_ raw: Matrix) -> Matrix {
        guard case .exponential = self else { return raw }
        return Matrix(rows: raw.rows, columns: raw.columns, values: raw.values.map { exp($0) })
    }

    /// Probabilities of a classifier, `[rows, classes]`.
    func probabilities(_ raw: Matrix) -> Matrix {
        switch self {
        case .softmax: Functions.softmax(raw)
        case .doubledLogistic: Functions.binary(Matrix(column: raw.values.map { Functions.expit(2 * $0) }))
        default: Functions.binary(Matrix(column: raw.values.map(Functions.expit)))
        }
    }
}

/// Gradient boosted trees of `sklearn.ensemble.GradientBoosting…`: a start value and a sum of trees, one for each class.
///
/// Source: https://github.com/scikit-learn/scikit-learn/blob/main/sklearn/ensemble/_gb.py
struct GradientBoostedTrees: Sendable {
    private enum Start: Sendable {
        case constant([Double])
        case estimator(any FittedEstimator)
    }

    private let trees: ScikitTrees
    private let outputs: Int
    private let rate: Double
    private var start: Start
    private let loss: String
    private let isCentred: Bool
    /// How far probabilities are kept from 0 and 1: since 1.8 the epsilon of 64 bits, before that of 32.
    private let epsilon: Double

    init(_ attributes: Attributes) throws {
        let table = try attributes.array("estimators_")
        guard table.shape.count == 2, (1...100_000).contains(table.shape[1]) else { throw attributes.uncovered("estimators_") }
        outputs = table.shape[1]
        trees = try ScikitTrees(table.objects, allowsMissing: false, of: attributes)
        guard trees.width == 1 else { throw attributes.uncovered("trees of several outputs") }
        rate = try attributes.number("learning_rate")
        loss = try attributes.text("loss")
        isCentred = attributes.version >= LibraryVersion(1, 4)
        epsilon = attributes.version >= LibraryVersion(1, 8) ? Double.ulpOfOne : Double(Float.ulpOfOne)
        switch try attributes.value("init_") {
        case .string("zero"): start = .constant([Double](repeating: 0, count: outputs))
        default:
            let estimator = try attributes.estimator("init_")
            // Other versions compute a start estimator in 32 bits.
            let isExact = attributes.version >= LibraryVersion(1, 2) && attributes.version < LibraryVersion(1, 8)
            guard estimator is Dummy || estimator is DummyRegressor || isExact else { throw attributes.uncovered("an init estimator in this version") }
            start = .estimator(estimator)
            try fixStart()
        }
    }

    /// A start that does not look at the rows is computed once.
    private mutating func fixStart() throws {
        guard case .estimator(let estimator) = start, estimator is Dummy || estimator is DummyRegressor else { return }
        start = .constant(try started(.matrix(Matrix(rows: 1, columns: trees.columns))).values)
    }

    /// Sums before the link, `[rows, outputs]`.
    func raw(_ rows: Rows) throws -> Matrix {
        let input = try trees.rounded(rows)
        var result = try started(.matrix(input))
        let (outputs, rate) = (outputs, rate)
        unsafe trees.values.withUnsafeBufferPointer { values in
            unsafe result.values.withUnsafeMutableBufferPointer { sums in
                guard let values = values.baseAddress, let sums = sums.baseAddress else { return }
                trees.ensemble.walk(input) { tree, row, leaf in
                    unsafe sums[row * outputs + tree % outputs] += rate * values[leaf]
                }
            }
        }
        return result
    }

    private func started(_ rows: Rows) throws -> Matrix {
        switch start {
        case .constant(let values): return Matrix(rows: rows.count, repeating: values)
        case .estimator(let estimator as any Classifier) where estimator.givesProbabilities && !isRegression:
            return link(try estimator.probabilities(rows))
        case .estimator(let estimator as any Regressor) where isRegression: return try estimator.values(rows)
        case .estimator: throw EvaluationFailure("the init estimator gives no start value")
        }
    }

    private var isRegression: Bool { !["log_loss", "deviance", "exponential"].contains(loss) }

    /// The inverse of the probability's link, with probabilities kept away from 0 and 1.
    private func link(_ probabilities: Matrix) -> Matrix {
        var result = Matrix(rows: probabilities.rows, columns: outputs)
        for row in 0..<probabilities.rows {
            let clipped = probabilities.row(row).map { min(max($0, epsilon), 1 - epsilon) }
            if outputs == 1 {
                let odds = log(clipped[1] / (1 - clipped[1]))
                result[row, 0] = loss == "exponential" ? 0.5 * odds : odds
            } else {
                let logs = clipped.map { log($0) }
                let centre = isCentred ? logs.reduce(0, +) / Double(logs.count) : 0
                for column in 0..<outputs { result[row, column] = logs[column] - centre }
            }
        }
        return result
    }

    static func classifier(_ attributes: Attributes) throws -> any FittedEstimator {
        let trees = try GradientBoostedTrees(attributes)
        let link: BoostingLink = trees.outputs > 1 ? .softmax : trees.loss == "exponential" ? .doubledLogistic : .logistic
        let classAtZero = attributes.version >= LibraryVersion(1, 4) ? 1 : 0
        return BoostedClassifier(classes: try attributes.labels("classes_"), link: link, classAtZero: classAtZero) { try trees.raw($0) }
    }

    static func regressor(_ attributes: Attributes) throws -> any FittedEstimator {
        let trees = try GradientBoostedTrees(attributes)
        return BoostedRegressor(link: .identity) { try trees.raw($0) }
    }
}

/// A classifier over the sums of boosted trees.
struct BoostedClassifier: Classifier {
    let classes: [Label]
    let link: BoostingLink
    /// Which of two classes a sum of zero means.
    let classAtZero: Int
    let raw: @Sendable (Rows) throws -> Matrix

    var givesProbabilities: Bool { true }
    func decision(_ rows: Rows) throws -> Matrix? { try raw(rows) }
    func probabilities(_ rows: Rows) throws -> Matrix { link.probabilities(try raw(rows)) }

    /// The sign or the largest of the sums.
    func predict(_ rows: Rows) throws -> [Int] { classes(ofSums: try raw(rows)) }

    func answer(_ rows: Rows) throws -> (classes: [Int], probabilities: Matrix?) {
        let raw = try raw(rows)
        return (classes(ofSums: raw), link.probabilities(raw))
    }

    private func classes(ofSums raw: Matrix) -> [Int] {
        raw.columns == 1 ? raw.values.map { $0 > 0 ? 1 : $0 < 0 ? 0 : classAtZero } : raw.argmax()
    }
}

/// A regressor over the sums of boosted trees.
struct BoostedRegressor: Regressor {
    let link: BoostingLink
    let raw: @Sendable (Rows) throws -> Matrix

    func values(_ rows: Rows) throws -> Matrix { link.values(try raw(rows)) }
}
