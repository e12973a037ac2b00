import Formats
internal import Glibc

/// All products of columns up to a degree.
struct PolynomialFeatures: Transformer {
    /// Columns that each output multiplies.
    private let products: [[Int]]
    private let columns: Int

    private static let maximumOutputs = 100_000

    init(_ attributes: Attributes) throws {
        let columns = try attributes.count("n_features_in_")
        self.columns = columns
        let degrees = try attributes.value("degree").integer.map { [0, $0] } ?? attributes.integers("degree")
        guard degrees.count == 2 else { throw attributes.uncovered("degree") }
        let range = (degrees[0], degrees[1])
        let onlyInteractions = try attributes.flag("interaction_only")
        let hasBias = try attributes.flag("include_bias")
        guard (0...10).contains(range.1) else { throw attributes.uncovered("degree") }
        var products: [[Int]] = hasBias ? [[]] : []
        var level: [[Int]] = [[]]
        for degree in stride(from: 1, through: range.1, by: 1) {
            level = level.flatMap { product in
                ((product.last.map { onlyInteractions ? $0 + 1 : $0 } ?? 0)..<max(columns, (product.last ?? 0) + 1)).filter { $0 < columns }.map { product + [$0] }
            }
            guard products.count + level.count <= Self.maximumOutputs else { throw attributes.uncovered("more than \(Self.maximumOutputs) products") }
            if degree >= range.0 { products += level }
        }
        self.products = products
        attributes.builder.note(width: products.count)
    }

    func transform(_ rows: Rows) throws -> Rows {
        let input = try rows.finite(columns: columns)
        var result = Matrix(rows: input.rows, columns: products.count, repeating: 1)
        for row in 0..<input.rows {
            for (place, product) in products.enumerated() {
                for column in product { result[row, place] *= input[row, column] }
            }
        }
        return .matrix(result)
    }
}

/// A function of numpy on each value.
struct FunctionTransformer: InvertibleTransformer {
    private let function: @Sendable (Double) -> Double
    private let inverseFunction: (@Sendable (Double) -> Double)?
    private let isIdentity: Bool

    init(_ attributes: Attributes) throws {
        for name in ["kw_args", "inv_kw_args"] where attributes.has(name) {
            guard case .dictionary(let entries) = try attributes.value(name), entries.isEmpty else { throw attributes.uncovered(name) }
        }
        let identity: @Sendable (Double) -> Double = { $0 }
        isIdentity = try !attributes.has("func") || Self.isCheck(try attributes.value("func"))
        function = isIdentity ? identity : try Self.function("func", attributes)
        if attributes.has("inverse_func") {
            inverseFunction = try Self.function("inverse_func", attributes)
        } else {
            inverseFunction = isIdentity ? identity : nil
        }
    }

    private static func function(_ attribute: String, _ attributes: Attributes) throws -> @Sendable (Double) -> Double {
        var name: String?
        switch try attributes.value(attribute) {
        case .name(let qualified) where qualified.hasPrefix("numpy."): name = qualified.split(separator: ".").last.map(String.init)
        case .object(let object) where object.typeName == "_ufunc_reconstruct" && object.arguments.count == 2: name = object.arguments[1].string
        default: break
        }
        guard let name, let function = functions[name] else { throw attributes.uncovered(attribute) }
        return function
    }

    /// `partial(check_array, ensure_all_finite=False)`, as histogram boosting has it, leaves numbers as they are.
    private static func isCheck(_ value: FittedValue) throws -> Bool {
        guard case .object(let partial) = value, partial.className == "functools.partial", case .name("sklearn.utils.validation.check_array")? = partial.arguments.first,
            let state = partial.state.flatMap(Attributes.items), state.count >= 3, case .dictionary(let options) = state[2]
        else { return false }
        return options.contains { option in
            guard let name = option.key.string, ["ensure_all_finite", "force_all_finite"].contains(name), case .bool(false) = option.value else { return false }
            return true
        }
    }

    private static let functions: [String: @Sendable (Double) -> Double] = [
        "log": { log($0) }, "log1p": { log1p($0) }, "log2": { log2($0) }, "log10": { log10($0) }, "exp": { exp($0) }, "expm1": { expm1($0) },
        "exp2": { exp2($0) }, "sqrt": { $0.squareRoot() }, "cbrt": { cbrt($0) }, "square": { $0 * $0 }, "absolute": { abs($0) }, "abs": { abs($0) },
        "fabs": { abs($0) }, "negative": { -$0 }, "reciprocal": { 1 / $0 }, "sin": { sin($0) }, "cos": { cos($0) }, "tan": { tan($0) },
        "tanh": { tanh($0) }, "arctan": { atan($0) }, "arcsinh": { asinh($0) }, "floor": { floor($0) }, "ceil": { ceil($0) }, "rint": { rint($0) },
        "sign": { $0.isNaN ? $0 : $0 > 0 ? 1 : $0 < 0 ? -1 : 0 },
    ]

    func transform(_ rows: Rows) throws -> Rows {
        if isIdentity { return rows }
        return .matrix(try rows.matrix().mapColumns { value, _ in function(value) })
    }

    func inverse(_ matrix: Matrix) throws -> Matrix {
        guard let inverseFunction else { throw EvaluationFailure("no inverse function") }
        return matrix.mapColumns { value, _ in inverseFunction(value) }
    }
}

/// Keeps some of the columns.
struct ColumnSelector: Transformer {
    private let kept: [Int]
    private let columns: Int

    private init(_ mask: [Bool]) {
        columns = mask.count
        kept = mask.indices.filter { mask[$0] }
    }

    func transform(_ rows: Rows) throws -> Rows {
        guard rows.columns == columns else { throw EvaluationFailure("X has \(rows.columns) features, but \(columns) are expected.") }
        return rows.columns(kept)
    }

    static func support(_ attributes: Attributes) throws -> ColumnSelector { ColumnSelector(try attributes.integers("support_").map { $0 != 0 }) }

    static func variance(_ attributes: Attributes) throws -> ColumnSelector {
        let threshold = try attributes.number("threshold")
        return ColumnSelector(try attributes.numbers("variances_").map { $0 > threshold })
    }

    /// The columns of the highest scores; of equal ones the later.
    static func best(_ attributes: Attributes) throws -> ColumnSelector {
        let scores = try attributes.numbers("scores_").map { $0.isNaN ? -Double.greatestFiniteMagnitude : $0 }
        if attributes.optionalText("k") == "all" { return ColumnSelector(scores.map { _ in true }) }
        let count = try attributes.count("k")
        let order = scores.indices.sorted { (scores[$0], $0) < (scores[$1], $1) }
        let chosen = Set(order.suffix(max(0, count)))
        return ColumnSelector(scores.indices.map(chosen.contains))
    }

    static func percentile(_ attributes: Attributes) throws -> ColumnSelector {
        let scores = try attributes.numbers("scores_").map { $0.isNaN ? -Double.greatestFiniteMagnitude : $0 }
        let percentile = try attributes.number("percentile")
        guard (0...100).contains(percentile), !scores.isEmpty else { throw attributes.uncovered("percentile") }
        if percentile == 100 { return ColumnSelector(scores.map { _ in true }) }
        if percentile == 0 { return ColumnSelector(scores.map { _ in false }) }
        let sorted = scores.sorted()
        let place = (100 - percentile) / 100 * Double(scores.count - 1)
        let low = Int(place)
        let next = sorted[min(low + 1, sorted.count - 1)]
        let threshold = sorted[low] + (next - sorted[low]) * (place - Double(low))
        var mask = scores.map { $0 > threshold }
        var room = Int(Double(scores.count) * percentile / 100) - mask.count { $0 }
        for index in scores.indices where scores[index] == threshold && room > 0 {
            mask[index] = true
            room -= 1
        }
        return ColumnSelector(mask)
    }

    static func significance(_ attributes: Attributes) throws -> ColumnSelector {
        let values = try attributes.numbers("pvalues_")
        let alpha = try attributes.number("alpha")
        let limit = attributes.typeName == "SelectFwe" ? alpha / Double(values.count) : alpha
        return ColumnSelector(values.map { $0 < limit })
    }

    /// The columns that count at least as much as a threshold, at most a given number of them.
    static func importances(_ attributes: Attributes) throws -> ColumnSelector {
        guard case .object(let model) = try attributes.value("estimator_"), case .string("auto")? = attributes.object.attributes["importance_getter"],
            attributes.object.attributes["norm_order"]?.integer == 1
        else { throw attributes.uncovered("importances") }
        let sizes = try FeatureImportances.of(model, attributes)
        let threshold = try threshold(of: sizes, model, attributes)
        // A sum in another order may be on the other side.
        guard sizes.allSatisfy({ $0 == threshold || abs($0 - threshold) > 1e-12 * abs(threshold) }) else { throw attributes.uncovered("an importance on the threshold") }
        var mask = sizes.map { $0 >= threshold }
        if attributes.has("max_features") {
            let count = try attributes.count("max_features")
            let order = sizes.indices.sorted { (-sizes[$0], $0) < (-sizes[$1], $1) }
            for index in order.dropFirst(count) { mask[index] = false }
        }
        return ColumnSelector(mask)
    }

    /// A number, `mean` or `median`, or a multiple of these: `1.25*mean`.
    private static func threshold(of sizes: [Double], _ model: FittedObject, _ attributes: Attributes) throws -> Double {
        func named(_ name: Substring) throws -> Double {
            let sorted = sizes.sorted()
            switch name.filter({ $0 != " " }) {
            case "mean": return sizes.reduce(0, +) / Double(sizes.count)
            case "median": return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
            default: throw attributes.uncovered("threshold")
            }
        }
        guard !sizes.isEmpty else { throw attributes.uncovered("importances") }
        switch attributes.object.attributes["threshold"] {
        case nil, FittedValue.none?:
            let isSparse = ["Lasso", "LassoCV", "ElasticNet", "ElasticNetCV"].contains(model.typeName) || model.attributes["penalty"]?.string == "l1"
            return isSparse ? 1e-5 : try named("mean")
        case .string(let text)?:
            let parts = text.split(separator: "*", maxSplits: 1)
            guard parts.count == 2 else { return try named(text[...]) }
            guard let scale = Double(parts[0].filter { $0 != " " }) else { throw attributes.uncovered("threshold") }
            return try scale * named(parts[1])
        case let value?:
            guard let number = value.number else { throw attributes.uncovered("threshold") }
            return number
        }
    }
}

extension EstimatorBuilder {
    static let preprocessing: [String: Make] = [
        "sklearn.StandardScaler": { try ColumnScaler.standard($0) },
        "sklearn.RobustScaler": { try ColumnScaler.robust($0) },
        "sklearn.MaxAbsScaler": { try ColumnScaler.maximum($0) },
        "sklearn.MinMaxScaler": { try ColumnScaler.minimumMaximum($0) },
        "sklearn.Normalizer": { try Normalizer($0) },
        "sklearn.Binarizer": { try Binarizer($0) },
        "sklearn.PowerTransformer": { try PowerTransformer($0) },
        "sklearn.QuantileTransformer": { try QuantileTransformer($0) },
        "sklearn.KBinsDiscretizer": { try Discretizer($0) },
        "sklearn.PolynomialFeatures": { try PolynomialFeatures($0) },
        "sklearn.OneHotEncoder": { try OneHotEncoder($0) },
        "sklearn.OrdinalEncoder": { try OrdinalEncoder($0) },
        "sklearn.TargetEncoder": { try TargetEncoder($0) },
        "sklearn.SimpleImputer": { try SimpleImputer($0) },
        "sklearn.KNNImputer": { try NeighborsImputer($0) },
        "sklearn.SplineTransformer": { try SplineTransformer($0) },
        "sklearn.MissingIndicator": { try MissingIndicator($0) },
        "sklearn.FunctionTransformer": { try FunctionTransformer($0) },
        "sklearn.VarianceThreshold": { try ColumnSelector.variance($0) },
        "sklearn.SelectKBest": { try ColumnSelector.best($0) },
        "sklearn.SelectPercentile": { try ColumnSelector.percentile($0) },
        "sklearn.SelectFpr": { try ColumnSelector.significance($0) },
        "sklearn.SelectFwe": { try ColumnSelector.significance($0) },
        "sklearn.SelectFromModel": { try ColumnSelector.importances($0) },
        "sklearn.SequentialFeatureSelector": { try ColumnSelector.support($0) },
    ]
}
