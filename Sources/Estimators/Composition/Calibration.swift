import Formats
internal import Glibc

/// A monotone curve through points.
struct IsotonicCurve: Sendable {
    private let points: [Double]
    private let values: [Double]
    private let range: ClosedRange<Double>

    init(_ attributes: Attributes) throws {
        points = try attributes.numbers("X_thresholds_")
        values = try attributes.numbers("y_thresholds_")
        let (low, high) = (try attributes.number("X_min_"), try attributes.number("X_max_"))
        guard points.count == values.count, !points.isEmpty, low <= high, attributes.optionalText("out_of_bounds") == "clip" else {
            throw attributes.uncovered("out_of_bounds")
        }
        range = low...high
    }

    func value(at x: Double) -> Double {
        let clipped = min(max(x, range.lowerBound), range.upperBound)
        guard points.count > 1 else { return values[0] }
        // As scipy's interp1d: the interval is the one that begins before the point.
        let place = min(max(points.partitioningIndex { $0 >= clipped }, 1), points.count - 1)
        let slope = (values[place] - values[place - 1]) / (points[place] - points[place - 1])
        return slope * (clipped - points[place - 1]) + values[place - 1]
    }
}

struct IsotonicRegressor: Regressor {
    private let curve: IsotonicCurve

    init(_ attributes: Attributes) throws {
        curve = try IsotonicCurve(attributes)
    }

    func values(_ rows: Rows) throws -> Matrix {
        let input = try rows.finite(columns: 1)
        return Matrix(column: input.values.map(curve.value))
    }
}

/// Probabilities that were calibrated on held-out rows, averaged over several classifiers.
///
/// Source: https://github.com/scikit-learn/scikit-learn/blob/main/sklearn/calibration.py
struct CalibratedClassifier: ProbabilisticClassifier {
    private enum Calibrator: Sendable {
        /// `1 / (1 + exp(a · x + b))`
        case sigmoid(a: Double, b: Double)
        case isotonic(IsotonicCurve)

        func probability(_ score: Double) -> Double {
            switch self {
            case .sigmoid(let a, let b): Functions.expit(-(a * score + b))
            case .isotonic(let curve): curve.value(at: score)
            }
        }
    }

    private struct Member: Sendable {
        let classifier: any Classifier
        let calibrators: [Calibrator]
        /// The class of each calibrator.
        let places: [Int]
    }

    let classes: [Label]
    private let members: [Member]

    init(_ attributes: Attributes) throws {
        let classes = try attributes.labels("classes_")
        self.classes = classes
        members = try attributes.items("calibrated_classifiers_").map { value in
            guard case .object(let object) = value else { throw attributes.uncovered("calibrated_classifiers_") }
            let inner = Attributes(object: object, version: attributes.version, builder: attributes.builder)
            return try Self.member(inner, classes)
        }
        guard !members.isEmpty else { throw attributes.uncovered("no calibrated classifiers") }
    }

    private static func member(_ attributes: Attributes, _ classes: [Label]) throws -> Member {
        let name = attributes.has("estimator") ? "estimator" : "base_estimator"
        guard let classifier = try attributes.estimator(name) as? any Classifier else { throw attributes.uncovered(name) }
        let calibrators = try attributes.items("calibrators").map { value -> Calibrator in
            guard case .object(let object) = value else { throw attributes.uncovered("calibrators") }
            let inner = Attributes(object: object, version: attributes.version, builder: attributes.builder)
            switch object.typeName {
            case "_SigmoidCalibration": return .sigmoid(a: try inner.number("a_"), b: try inner.number("b_"))
            case "IsotonicRegression": return .isotonic(try IsotonicCurve(inner))
            default: throw attributes.uncovered("the calibrator \(object.typeName)")
            }
        }
        let places = try classifier.classes.map { label -> Int in
            guard let place = classes.firstIndex(of: label) else { throw attributes.uncovered("estimator of other classes") }
            return place
        }
        guard calibrators.count == (classes.count == 2 ? 1 : places.count) else { throw attributes.uncovered("calibrators") }
        return Member(classifier: classifier, calibrators: calibrators, places: classes.count == 2 ? [1] : places)
    }

    func probabilities(_ rows: Rows) throws -> Matrix {
        var sums = Matrix(rows: rows.count, columns: classes.count)
        for member in members {
            let part = try probabilities(rows, of: member)
            for index in sums.values.indices { sums.values[index] += part.values[index] }
        }
        return sums.mapColumns { value, _ in value / Double(members.count) }
    }

    private func probabilities(_ rows: Rows, of member: Member) throws -> Matrix {
        var scores: Matrix
        if let decision = try member.classifier.decision(rows) {
            scores = decision
        } else {
            scores = try member.classifier.probabilities(rows)
            if classes.count == 2 { scores = scores.columns([1]) }
        }
        var result = Matrix(rows: rows.count, columns: classes.count)
        for row in 0..<result.rows {
            for (column, calibrator) in member.calibrators.enumerated() {
                result[row, member.places[column]] = calibrator.probability(scores[row, column])
            }
            if classes.count == 2 {
                result[row, 0] = 1 - result[row, 1]
            } else {
                let sum = result.row(row).reduce(0, +)
                for column in classes.indices { result[row, column] = sum == 0 ? 1 / Double(classes.count) : result[row, column] / sum }
            }
            for column in classes.indices where result[row, column] > 1 && result[row, column] <= 1 + 1e-5 { result[row, column] = 1 }
        }
        return result
    }
}
