import Formats
internal import Glibc

/// Sums of kernels over support vectors, as libsvm keeps them.
///
/// Source: https://github.com/scikit-learn/scikit-learn/blob/main/sklearn/svm/src/libsvm/svm.cpp
struct KernelMachine: Sendable {
    private enum Kernel: Sendable {
        case linear
        case polynomial(gamma: Double, constant: Double, degree: Int)
        case radial(gamma: Double)
        case sigmoid(gamma: Double, constant: Double)
    }

    let vectors: Matrix
    /// `[classes - 1, vectors]`, or one row.
    let coefficients: Matrix
    let intercepts: [Double]
    private let kernel: Kernel

    init(_ attributes: Attributes) throws {
        vectors = try attributes.matrix("support_vectors_")
        coefficients = try attributes.matrix("_dual_coef_")
        intercepts = try attributes.numbers("_intercept_")
        guard coefficients.columns == vectors.rows else { throw attributes.uncovered("_dual_coef_ beside support_vectors_") }
        let gamma = try attributes.number("_gamma")
        switch attributes.optionalText("kernel") {
        case "linear": kernel = .linear
        case "poly":
            let degree = try attributes.number("degree")
            guard let degree = Int(exactly: degree), degree >= 0 else { throw attributes.uncovered("degree") }
            kernel = .polynomial(gamma: gamma, constant: try attributes.number("coef0"), degree: degree)
        case "rbf": kernel = .radial(gamma: gamma)
        case "sigmoid": kernel = .sigmoid(gamma: gamma, constant: try attributes.number("coef0"))
        default: throw attributes.uncovered("kernel")
        }
    }

    /// The kernel of each row with each support vector, `[rows, vectors]`.
    func kernels(_ input: Matrix) -> Matrix {
        var result = Matrix(rows: input.rows, columns: vectors.rows)
        let width = input.columns
        unsafe input.values.withUnsafeBufferPointer { x in
            unsafe vectors.values.withUnsafeBufferPointer { v in
                guard let x = x.baseAddress, let v = v.baseAddress else { return }
                for row in 0..<input.rows {
                    for index in 0..<vectors.rows {
                        result[row, index] = unsafe evaluate(x + row * width, v + index * width, width)
                    }
                }
            }
        }
        return result
    }

    private func evaluate(_ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, _ count: Int) -> Double {
        switch kernel {
        case .linear: return unsafe Dot.product(x, y, count)
        case .polynomial(let gamma, let constant, let degree): return Self.power(unsafe gamma * Dot.product(x, y, count) + constant, degree)
        case .sigmoid(let gamma, let constant): return tanh(unsafe gamma * Dot.product(x, y, count) + constant)
        case .radial(let gamma):
            var sum = 0.0
            for index in 0..<count {
                let difference = unsafe x[index] - y[index]
                sum += difference * difference
            }
            return exp(-gamma * sum)
        }
    }

    private static func power(_ base: Double, _ times: Int) -> Double {
        var (factor, result, rest) = (base, 1.0, times)
        while rest > 0 {
            if rest & 1 == 1 { result *= factor }
            factor *= factor
            rest >>= 1
        }
        return result
    }

    /// The sum over all support vectors and the intercept: values of a regressor or of a one-class machine.
    func values(_ input: Matrix) -> [Double] {
        let kernels = kernels(input)
        return (0..<input.rows).map { row in
            var sum = 0.0
            for index in 0..<vectors.rows { sum += coefficients[0, index] * kernels[row, index] }
            return sum + intercepts[0]
        }
    }
}

/// Support vector classification, one machine for each pair of classes.
struct SupportVectorClassifier: Classifier {
    let classes: [Label]
    private let machine: KernelMachine
    /// Where the support vectors of each class begin; one more for the end.
    private let starts: [Int]
    private let isOneVersusRest: Bool
    private let breaksTies: Bool
    private let sigmoids: (a: [Double], b: [Double])?

    init(_ attributes: Attributes) throws {
        classes = try attributes.labels("classes_")
        machine = try KernelMachine(attributes)
        let counts = try attributes.integers(attributes.has("_n_support") ? "_n_support" : "n_support_")
        starts = counts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
        let pairs = classes.count * (classes.count - 1) / 2
        guard counts.count == classes.count, counts.allSatisfy({ $0 >= 0 }), starts.last == machine.vectors.rows, machine.intercepts.count == pairs,
            machine.coefficients.rows == classes.count - 1
        else { throw attributes.uncovered("support vectors of \(counts.count) classes") }
        isOneVersusRest = attributes.optionalText("decision_function_shape") == "ovr"
        breaksTies = try attributes.flag("break_ties", default: false)
        if attributes.optionalText("probability") != "deprecated", try attributes.flag("probability") {
            let (a, b) = (try attributes.numbers(attributes.has("_probA") ? "_probA" : "probA_"), try attributes.numbers(attributes.has("_probB") ? "_probB" : "probB_"))
            guard a.count == pairs, b.count == pairs else { throw attributes.uncovered("_probA") }
            sigmoids = (a, b)
        } else {
            sigmoids = nil
        }
    }

    var givesProbabilities: Bool { sigmoids != nil }

    func decision(_ rows: Rows) throws -> Matrix? {
        let pairs = try pairwise(rows)
        if classes.count == 2 { return Matrix(column: pairs.values.map { -$0 }) }
        return isOneVersusRest ? OneVersusOne.scores(pairs.mapColumns { value, _ in -value }, classes: classes.count) : pairs
    }

    func predict(_ rows: Rows) throws -> [Int] {
        let pairs = try pairwise(rows)
        if breaksTies, isOneVersusRest, classes.count > 2 {
            return OneVersusOne.scores(pairs.mapColumns { value, _ in -value }, classes: classes.count).argmax()
        }
        return (0..<pairs.rows).map { row in
            var votes = [Int](repeating: 0, count: classes.count)
            forEachPair { pair, first, second in votes[pairs[row, pair] > 0 ? first : second] += 1 }
            return votes.indices.reduce(0) { votes[$1] > votes[$0] ? $1 : $0 }
        }
    }

    func probabilities(_ rows: Rows) throws -> Matrix {
        guard let sigmoids else { throw EvaluationFailure("predict_proba is not available when probability=False") }
        let pairs = try pairwise(rows)
        var result = Matrix(rows: pairs.rows, columns: classes.count)
        for row in 0..<pairs.rows {
            var table = Matrix(rows: classes.count, columns: classes.count)
            forEachPair { pair, first, second in
                let exponent = pairs[row, pair] * sigmoids.a[pair] + sigmoids.b[pair]
                let probability = exponent >= 0 ? exp(-exponent) / (1 + exp(-exponent)) : 1 / (1 + exp(exponent))
                table[first, second] = min(max(probability, 1e-7), 1 - 1e-7)
                table[second, first] = 1 - table[first, second]
            }
            for (column, value) in PairwiseCoupling.probabilities(table).enumerated() { result[row, column] = value }
        }
        return result
    }

    /// Decision values of all pairs, `[rows, pairs]`; positive for the first class of the pair.
    private func pairwise(_ rows: Rows) throws -> Matrix {
        let input = try rows.finite(columns: machine.vectors.columns)
        let kernels = machine.kernels(input)
        var result = Matrix(rows: input.rows, columns: machine.intercepts.count)
        for row in 0..<input.rows {
            forEachPair { pair, first, second in
                var sum = 0.0
                for index in starts[first]..<starts[first + 1] { sum += machine.coefficients[second - 1, index] * kernels[row, index] }
                for index in starts[second]..<starts[second + 1] { sum += machine.coefficients[first, index] * kernels[row, index] }
                result[row, pair] = sum + machine.intercepts[pair]
            }
        }
        return result
    }

    private func forEachPair(_ body: (_ pair: Int, _ first: Int, _ second: Int) -> Void) {
        var pair = 0
        for first in 0..<classes.count {
            for second in (first + 1)..<max(classes.count, first + 1) {
                body(pair, first, second)
                pair += 1
            }
        }
    }
}

/// Wu, Lin and Weng, "Probability estimates for multi-class classification by pairwise coupling", 2004, as libsvm iterates it.
enum PairwiseCoupling {
    static func probabilities(_ r: Matrix) -> [Double] {
        let count = r.rows
        let tolerance = 0.005 / Double(count)
        var q = Matrix(rows: count, columns: count)
        for t in 0..<count {
            for j in 0..<count where j != t {
                q[t, t] += r[j, t] * r[j, t]
                q[t, j] = j < t ? q[j, t] : -r[j, t] * r[t, j]
            }
        }
        var p = [Double](repeating: 1 / Double(count), count: count)
        var qp = [Double](repeating: 0, count: count)
        for _ in 0..<max(100, count) {
            var pqp = 0.0
            for t in 0..<count {
                qp[t] = (0..<count).reduce(0) { $0 + q[t, $1] * p[$1] }
                pqp += p[t] * qp[t]
            }
            if qp.allSatisfy({ abs($0 - pqp) < tolerance }) { break }
            for t in 0..<count {
                let difference = (-qp[t] + pqp) / q[t, t]
                p[t] += difference
                pqp = (pqp + difference * (difference * q[t, t] + 2 * qp[t])) / (1 + difference) / (1 + difference)
                for j in 0..<count {
                    qp[j] = (qp[j] + difference * q[t, j]) / (1 + difference)
                    p[j] /= 1 + difference
                }
            }
        }
        return p
    }
}

/// Scores of classes from the votes and confidences of all pairs.
///
/// Source: `_ovr_decision_function`, https://github.com/scikit-learn/scikit-learn/blob/main/sklearn/utils/multiclass.py
enum OneVersusOne {
    /// - Parameter confidences: `[rows, pairs]`, positive for the second class of a pair.
    /// - Parameter votes: Which class of each pair wins, as 0 or 1; the sign of the confidences when nil.
    static func scores(_ confidences: Matrix, votes given: Matrix? = nil, classes: Int) -> Matrix {
        var votes = Matrix(rows: confidences.rows, columns: classes)
        var sums = Matrix(rows: confidences.rows, columns: classes)
        for row in 0..<confidences.rows {
            var pair = 0
            for first in 0..<classes {
                for second in (first + 1)..<max(classes, first + 1) {
                    sums[row, first] -= confidences[row, pair]
                    sums[row, second] += confidences[row, pair]
                    let secondWins = given.map { $0[row, pair] == 1 } ?? (confidences[row, pair] > 0)
                    votes[row, secondWins ? second : first] += 1
                    pair += 1
                }
            }
        }
        for index in votes.values.indices { votes.values[index] += sums.values[index] / (3 * (abs(sums.values[index]) + 1)) }
        return votes
    }
}

struct SupportVectorRegressor: Regressor {
    private let machine: KernelMachine

    init(_ attributes: Attributes) throws {
        machine = try KernelMachine(attributes)
        guard machine.coefficients.rows == 1, machine.intercepts.count == 1 else { throw attributes.uncovered("_dual_coef_") }
    }

    func values(_ rows: Rows) throws -> Matrix { Matrix(column: machine.values(try rows.finite(columns: machine.vectors.columns))) }
}

struct OneClassMachine: OutlierDetector {
    private let machine: KernelMachine

    init(_ attributes: Attributes) throws {
        machine = try KernelMachine(attributes)
        guard machine.coefficients.rows == 1, machine.intercepts.count == 1 else { throw attributes.uncovered("_dual_coef_") }
    }

    func decision(_ rows: Rows) throws -> [Double] { machine.values(try rows.finite(columns: machine.vectors.columns)) }
    var isInlierAtZero: Bool { false }
}

extension EstimatorBuilder {
    static let kernels: [String: Make] = [
        "sklearn.SVC": { try SupportVectorClassifier($0) },
        "sklearn.NuSVC": { try SupportVectorClassifier($0) },
        "sklearn.SVR": { try SupportVectorRegressor($0) },
        "sklearn.NuSVR": { try SupportVectorRegressor($0) },
        "sklearn.OneClassSVM": { try OneClassMachine($0) },
    ]
}
