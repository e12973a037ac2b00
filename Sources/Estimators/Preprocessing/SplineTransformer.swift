import Formats

/// Puts the values of B-spline basis functions in place of each column.
///
/// de Boor, "A Practical Guide to Splines", 2001, chapter X; the recurrence and its order are those of scipy's `_deBoor_D`.
struct SplineTransformer: Transformer {
    private enum Extrapolation: String, Sendable {
        case constant, linear, `continue`, periodic
    }

    private let splines: [BasisSpline]
    private let extrapolation: Extrapolation
    private let degree: Int
    private let includesBias: Bool
    private let takesMissing: Bool

    init(_ attributes: Attributes) throws {
        splines = try attributes.items("bsplines_").map { try BasisSpline($0, attributes) }
        let degree = try attributes.count("degree")
        guard let extrapolation = attributes.optionalText("extrapolation").flatMap(Extrapolation.init) else { throw attributes.uncovered("extrapolation") }
        guard degree >= 1, splines.allSatisfy({ $0.degree == degree }), !(extrapolation == .linear && degree == 1) else { throw attributes.uncovered("degree=\(degree)") }
        self.extrapolation = extrapolation
        self.degree = degree
        includesBias = try attributes.flag("include_bias")
        takesMissing = attributes.optionalText("handle_missing") == "zeros"
        guard let first = splines.first, splines.allSatisfy({ $0.outputs == first.outputs && $0.outputs >= degree }) else { throw attributes.uncovered("bsplines_") }
    }

    func transform(_ rows: Rows) throws -> Rows {
        let input = takesMissing ? try rows.missingAllowed(columns: splines.count) : try rows.finite(columns: splines.count)
        let width = splines[0].outputs
        let kept = includesBias ? width : width - 1
        var result = Matrix(rows: input.rows, columns: splines.count * kept)
        for (column, spline) in splines.enumerated() {
            let ends = spline.ends
            for row in 0..<input.rows where !input[row, column].isNaN {
                let values = values(of: spline, at: input[row, column], ends)
                for place in 0..<kept { result[row, column * kept + place] = values[place] }
            }
        }
        return .matrix(result)
    }

    private func values(of spline: BasisSpline, at x: Double, _ ends: BasisSpline.Ends) -> [Double] {
        let isInside = ends.lower <= x && x <= ends.upper
        switch extrapolation {
        case .continue: return spline.values(at: x)
        case .periodic: return spline.values(at: spline.wrapped(x))
        case .constant, .linear:
            if isInside { return spline.values(at: x) }
            var values = [Double](repeating: 0, count: spline.outputs)
            let (edge, border, slopes) = x < ends.lower ? (ends.lower, ends.lowerValues, ends.lowerSlopes) : (ends.upper, ends.upperValues, ends.upperSlopes)
            for index in 0..<degree {
                let place = x < ends.lower ? index : spline.outputs - 1 - index
                values[place] = border[place] + (extrapolation == .linear ? (x - edge) * slopes[place] : 0)
            }
            return values
        }
    }
}

/// One spline of scipy: knots, and for each basis function the outputs that it adds to.
struct BasisSpline: Sendable {
    /// The first and the last inner knot, and what the spline is there.
    struct Ends {
        let lower, upper: Double
        let lowerValues, upperValues, lowerSlopes, upperSlopes: [Double]
    }

    let degree: Int
    var outputs: Int { coefficients.columns }
    private let knots: [Double]
    /// `[basis functions, outputs]`.
    private let coefficients: Matrix

    init(_ value: FittedValue, _ owner: Attributes) throws {
        guard case .object(let object) = value, object.typeName == "BSpline" else { throw owner.uncovered("bsplines_") }
        let attributes = Attributes(object: object, version: owner.version, builder: owner.builder)
        // Newer versions of scipy put a line before the names.
        knots = try attributes.numbers(attributes.has("t") ? "t" : "_t")
        coefficients = try attributes.matrix(attributes.has("c") ? "c" : "_c")
        degree = try attributes.count("k")
        guard knots.count == coefficients.rows + degree + 1, coefficients.rows > degree, knots.areFinite, zip(knots, knots.dropFirst()).allSatisfy({ $0 <= $1 }) else {
            throw owner.uncovered("bsplines_")
        }
    }

    var ends: Ends {
        let (lower, upper) = (knots[degree], knots[knots.count - degree - 1])
        return Ends(
            lower: lower, upper: upper, lowerValues: values(at: lower), upperValues: values(at: upper), lowerSlopes: values(at: lower, derivative: 1),
            upperSlopes: values(at: upper, derivative: 1))
    }

    /// The place in the spline's period, with Python's remainder.
    func wrapped(_ x: Double) -> Double {
        let (start, end) = (knots[degree], knots[coefficients.rows])
        guard end > start else { return 0 }
        var rest = (x - start).truncatingRemainder(dividingBy: end - start)
        if rest != 0, rest < 0 { rest += end - start }
        return start + rest
    }

    func values(at x: Double, derivative: Int = 0) -> [Double] {
        var interval = degree
        while interval != coefficients.rows - 1, x >= knots[interval + 1] { interval += 1 }
        let basis = basis(at: x, interval, derivative)
        var values = [Double](repeating: 0, count: outputs)
        for output in 0..<outputs {
            for place in 0...degree { values[output] += coefficients[interval + place - degree, output] * basis[place] }
        }
        return values
    }

    /// The basis functions that are not zero in the interval, or their derivatives.
    private func basis(at x: Double, _ interval: Int, _ derivative: Int) -> [Double] {
        var basis = [Double](repeating: 0, count: degree + 1)
        basis[0] = 1
        for order in stride(from: 1, through: degree, by: 1) {
            let before = basis
            let isDerivative = order > degree - derivative
            basis[0] = 0
            for place in 1...order {
                let (upper, lower) = (knots[interval + place], knots[interval + place - order])
                if upper == lower {
                    basis[isDerivative ? derivative : place] = 0
                    continue
                }
                if isDerivative {
                    let weight = Double(order) * before[place - 1] / (upper - lower)
                    basis[place - 1] -= weight
                    basis[place] = weight
                } else {
                    let weight = before[place - 1] / (upper - lower)
                    basis[place - 1] += weight * (upper - x)
                    basis[place] = weight * (x - lower)
                }
            }
        }
        return basis
    }
}
