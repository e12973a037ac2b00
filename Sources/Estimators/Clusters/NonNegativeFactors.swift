/// Weights of non-negative components that add up to each row, found by coordinate descent.
///
/// The descent ends for all rows of a call at once, so a row's last digits depend on the rows beside it.
/// Source: `_fit_coordinate_descent` with `update_H=False`,
/// https://github.com/scikit-learn/scikit-learn/blob/main/sklearn/decomposition/_nmf.py
struct NonNegativeFactors: Transformer {
    /// Multiplications of one call, a fraction of a second; a larger one is the library's, which can be stopped when it is late.
    private static let maximumWork = 300_000_000
    /// Relative distance from the tolerance below which the library's rounding decides whether another step is made.
    private static let rounding = 1e-11

    /// From a row to its products with the components.
    private let products: LinearMap
    /// `[components, components]`: products of the components with each other, and the penalty of squares.
    private let gram: Matrix
    private let penalty: Double
    private let tolerance: Double
    private let iterations: Int

    init(_ attributes: Attributes) throws {
        let components = try attributes.matrix("components_")
        guard attributes.optionalText("solver") == "cd" else { throw attributes.uncovered("solver") }
        guard try !attributes.flag("shuffle", default: false) else { throw attributes.uncovered("shuffle") }
        // Before 1.2 the penalties had other names beside these.
        guard !attributes.has("alpha") || attributes.optionalText("alpha") == "deprecated" else { throw attributes.uncovered("alpha") }
        let (strength, share) = (try attributes.number("alpha_W"), try attributes.number("l1_ratio"))
        products = try LinearMap(weights: components, intercepts: [0], of: attributes.typeName)
        penalty = Double(components.columns) * strength * share
        tolerance = try attributes.number("tol")
        iterations = try attributes.count("max_iter")
        var gram = Matrix(rows: components.rows, columns: components.rows)
        for first in 0..<components.rows {
            for second in 0..<components.rows { gram[first, second] = zip(components.row(first), components.row(second)).reduce(0) { $0 + $1.0 * $1.1 } }
            gram[first, first] += Double(components.columns) * strength * (1 - share)
        }
        self.gram = gram
        attributes.builder.note(width: components.rows)
        attributes.builder.noteDependentRows()
    }

    func transform(_ rows: Rows) throws -> Rows {
        let input = try rows.finite(columns: products.columns)
        guard !input.values.contains(where: { $0 < 0 }) else { throw EvaluationFailure("Negative values in data passed to NMF (input X).") }
        let work = [gram.rows, gram.rows, iterations].reduce((input.rows, false)) { product, factor in
            let next = product.0.multipliedReportingOverflow(by: factor)
            return (next.partialValue, product.1 || next.overflow)
        }
        guard !work.1, work.0 <= Self.maximumWork else { throw Undecided() }
        return .matrix(try descend(try products.apply(input).mapColumns { value, _ in value - penalty }))
    }

    /// - Parameter products: Of rows with components, less the penalty of values.
    private func descend(_ products: Matrix) throws -> Matrix {
        var weights = Matrix(rows: products.rows, columns: products.columns)
        var first = 0.0
        for iteration in 0..<iterations {
            let violation = step(&weights, products)
            if iteration == 0 { first = violation }
            guard first > 0 else { break }
            let distance = violation / first - tolerance
            guard abs(distance) > Self.rounding * tolerance else { throw Undecided() }
            if distance < 0 { break }
        }
        return weights
    }

    /// Moves every weight once.
    /// - Returns: How far from the end all of them were.
    private func step(_ weights: inout Matrix, _ products: Matrix) -> Double {
        var violation = 0.0
        for component in 0..<weights.columns {
            let curvature = gram[component, component]
            for row in 0..<weights.rows {
                var gradient = -products[row, component]
                for other in 0..<weights.columns { gradient += gram[component, other] * weights[row, other] }
                let weight = weights[row, component]
                violation += abs(weight == 0 ? min(0, gradient) : gradient)
                if curvature != 0 { weights[row, component] = max(weight - gradient / curvature, 0) }
            }
        }
        return violation
    }
}
