internal import Glibc

/// A transformer with a way back.
protocol InvertibleTransformer: Transformer {
    func inverse(_ matrix: Matrix) throws -> Matrix
}

/// `(x - shift) / scale` or `x · scale + shift` for each column; missing values stay missing.
struct ColumnScaler: InvertibleTransformer {
    private let shifts: [Double]?
    private let divisors: [Double]?
    private let multiplies: Bool
    private let bounds: (lower: Double, upper: Double)?
    private let columns: Int

    private init(_ attributes: Attributes, shifts: [Double]?, divisors: [Double]?, multiplies: Bool = false, bounds: (lower: Double, upper: Double)? = nil) throws {
        let columns = attributes.featureCount ?? max(shifts?.count ?? 0, divisors?.count ?? 0)
        guard shifts?.count ?? columns == columns, divisors?.count ?? columns == columns
        else { throw attributes.uncovered("scales of another number of columns") }
        self.columns = columns
        self.shifts = shifts
        self.divisors = divisors
        self.multiplies = multiplies
        self.bounds = bounds
    }

    static func standard(_ attributes: Attributes) throws -> ColumnScaler {
        try ColumnScaler(
            attributes, shifts: try attributes.flag("with_mean") ? try attributes.numbers("mean_") : nil,
            divisors: try attributes.flag("with_std") ? try attributes.numbers("scale_") : nil)
    }

    static func robust(_ attributes: Attributes) throws -> ColumnScaler {
        try ColumnScaler(
            attributes, shifts: try attributes.flag("with_centering") ? try attributes.numbers("center_") : nil,
            divisors: try attributes.flag("with_scaling") ? try attributes.numbers("scale_") : nil)
    }

    static func maximum(_ attributes: Attributes) throws -> ColumnScaler {
        let clips = try attributes.flag("clip", default: false)
        return try ColumnScaler(attributes, shifts: nil, divisors: try attributes.numbers("scale_"), bounds: clips ? (-1, 1) : nil)
    }

    static func minimumMaximum(_ attributes: Attributes) throws -> ColumnScaler {
        let range = try attributes.numbers("feature_range")
        guard range.count == 2 else { throw attributes.uncovered("feature_range") }
        return try ColumnScaler(
            attributes, shifts: try attributes.numbers("min_"), divisors: try attributes.numbers("scale_"), multiplies: true,
            bounds: try attributes.flag("clip", default: false) ? (range[0], range[1]) : nil)
    }

    func transform(_ rows: Rows) throws -> Rows {
        let input = try rows.missingAllowed(columns: columns)
        return .matrix(
            input.mapColumns { value, column in
                var value = value
                if multiplies, let shifts, let divisors {
                    value = value * divisors[column] + shifts[column]
                } else {
                    if let shifts { value -= shifts[column] }
                    if let divisors { value /= divisors[column] }
                }
                if let bounds, !value.isNaN { value = min(max(value, bounds.lower), bounds.upper) }
                return value
            })
    }

    func inverse(_ matrix: Matrix) throws -> Matrix {
        guard matrix.columns == columns else { throw EvaluationFailure("X has \(matrix.columns) features, but \(columns) are expected.") }
        return matrix.mapColumns { value, column in
            if multiplies, let shifts, let divisors { return (value - shifts[column]) / divisors[column] }
            let scaled = divisors.map { value * $0[column] } ?? value
            return shifts.map { scaled + $0[column] } ?? scaled
        }
    }
}

/// Divides each row by its norm.
struct Normalizer: Transformer {
    private enum Norm: String, Sendable { case l1, l2, max }
    private let norm: Norm

    init(_ attributes: Attributes) throws {
        guard let norm = Norm(rawValue: try attributes.text("norm")) else { throw attributes.uncovered("norm") }
        self.norm = norm
    }

    func transform(_ rows: Rows) throws -> Rows {
        var matrix = try rows.finite()
        for row in 0..<matrix.rows {
            let values = matrix.row(row)
            let size =
                switch norm {
                case .l1: values.reduce(0) { $0 + abs($1) }
                case .l2: values.reduce(0) { $0 + $1 * $1 }.squareRoot()
                case .max: values.reduce(0) { Swift.max($0, abs($1)) }
                }
            guard size != 0 else { continue }
            for column in 0..<matrix.columns { matrix[row, column] /= size }
        }
        return .matrix(matrix)
    }
}

/// 1 above the threshold, else 0.
struct Binarizer: Transformer {
    private let threshold: Double

    init(_ attributes: Attributes) throws {
        threshold = try attributes.number("threshold")
    }

    func transform(_ rows: Rows) throws -> Rows { .matrix(try rows.finite().mapColumns { value, _ in value > threshold ? 1 : 0 }) }
}

/// Yeo and Johnson, "A new family of power transformations to improve normality or symmetry", 2000; Box and Cox, 1964.
struct PowerTransformer: Transformer {
    private let exponents: [Double]
    private let isBoxCox: Bool
    private let usesLogarithms: Bool
    private let scaler: (any Transformer)?

    init(_ attributes: Attributes) throws {
        exponents = try attributes.numbers("lambdas_")
        switch attributes.optionalText("method") {
        case "box-cox": isBoxCox = true
        case "yeo-johnson": isBoxCox = false
        default: throw attributes.uncovered("method")
        }
        // The library went over to scipy.stats.yeojohnson in 1.8.
        usesLogarithms = attributes.version >= LibraryVersion(1, 8)
        if try attributes.flag("standardize") {
            guard let transformer = try attributes.estimator("_scaler") as? any Transformer else { throw attributes.uncovered("_scaler") }
            scaler = transformer
        } else {
            scaler = nil
        }
    }

    func transform(_ rows: Rows) throws -> Rows {
        let input = try rows.missingAllowed(columns: exponents.count)
        if isBoxCox, input.values.contains(where: { $0 <= 0 }) {
            throw EvaluationFailure("The Box-Cox transformation can only be applied to strictly positive data")
        }
        let result = input.mapColumns { value, column in
            value.isNaN ? value : isBoxCox ? boxCox(value, exponents[column]) : yeoJohnson(value, exponents[column])
        }
        return try scaler?.transform(.matrix(result)) ?? .matrix(result)
    }

    private func boxCox(_ value: Double, _ exponent: Double) -> Double {
        abs(exponent) < 1e-19 ? log(value) : expm1(exponent * log(value)) / exponent
    }

    private func yeoJohnson(_ value: Double, _ exponent: Double) -> Double {
        if value >= 0 {
            if abs(exponent) < Double.ulpOfOne { return log1p(value) }
            return usesLogarithms ? expm1(exponent * log1p(value)) / exponent : (pow(value + 1, exponent) - 1) / exponent
        }
        let other = 2 - exponent
        if abs(other) <= Double.ulpOfOne { return -log1p(-value) }
        return usesLogarithms ? -expm1(other * log1p(-value)) / other : -(pow(-value + 1, other) - 1) / other
    }
}

/// Maps each column onto the uniform or normal distribution by its quantiles.
struct QuantileTransformer: Transformer {
    private let quantiles: [[Double]]
    private let references: [Double]
    private let isNormal: Bool
    private static let threshold = 1e-7

    init(_ attributes: Attributes) throws {
        let table = try attributes.matrix("quantiles_")
        quantiles = (0..<table.columns).map { table.column($0) }
        references = try attributes.numbers("references_")
        guard references.count == table.rows, table.rows > 0 else { throw attributes.uncovered("references_") }
        isNormal = try attributes.text("output_distribution") == "normal"
    }

    func transform(_ rows: Rows) throws -> Rows {
        .matrix(try rows.missingAllowed(columns: quantiles.count).mapColumns { $0.isNaN ? $0 : map($0, quantiles[$1]) })
    }

    private func map(_ value: Double, _ quantiles: [Double]) -> Double {
        let (first, last) = (quantiles[0], quantiles[quantiles.count - 1])
        let isLow = isNormal ? value - Self.threshold < first : value == first
        let isHigh = isNormal ? value + Self.threshold > last : value == last
        // Upwards and downwards, for quantiles that repeat.
        let up = Interpolation.value(at: value, quantiles, references)
        let down = Interpolation.value(at: -value, quantiles.reversed().map { -$0 }, references.reversed().map { -$0 })
        let share = isLow ? 0 : isHigh ? 1 : 0.5 * (up - down)
        guard isNormal else { return share }
        let lowest = Normal.quantile(Self.threshold - Double.ulpOfOne)
        let highest = Normal.quantile(1 - (Self.threshold - Double.ulpOfOne))
        return min(max(Normal.quantile(share), lowest), highest)
    }
}

/// Piecewise linear interpolation as `numpy.interp`.
enum Interpolation {
    static func value(at x: Double, _ points: [Double], _ values: [Double]) -> Double {
        guard let last = points.indices.last else { return .nan }
        if x < points[0] { return values[0] }
        if x >= points[last] { return values[last] }
        var (low, high) = (0, last)
        while high - low > 1 {
            let middle = (low + high) / 2
            if points[middle] <= x { low = middle } else { high = middle }
        }
        let slope = (values[low + 1] - values[low]) / (points[low + 1] - points[low])
        return slope * (x - points[low]) + values[low]
    }
}

/// The standard normal distribution.
enum Normal {
    /// The inverse of its distribution function, `ndtri` of Cephes: https://www.netlib.org/cephes/
    static func quantile(_ share: Double) -> Double {
        guard share > 0 else { return -.infinity }
        guard share < 1 else { return .infinity }
        let edge = 0.13533528323661269189  // exp(-2)
        let isUpper = share > 1 - edge
        let y = isUpper ? 1 - share : share
        if y > edge {
            let centred = y - 0.5
            let square = centred * centred
            let x = centred + centred * (square * polynomial(square, p0) / monic(square, q0))
            return x * 2.50662827463100050242
        }
        let x = (-2 * log(y)).squareRoot()
        let first = x - log(x) / x
        let z = 1 / x
        let second = x < 8 ? z * polynomial(z, p1) / monic(z, q1) : z * polynomial(z, p2) / monic(z, q2)
        return isUpper ? first - second : second - first
    }

    private static func polynomial(_ x: Double, _ coefficients: [Double]) -> Double { coefficients.reduce(0) { $0 * x + $1 } }
    private static func monic(_ x: Double, _ coefficients: [Double]) -> Double { coefficients.reduce(1) { $0 * x + $1 } }

    private static let p0 = [-5.99633501014107895267e1, 9.80010754185999661536e1, -5.66762857469070293439e1, 1.39312609387279679503e1, -1.23916583867381258016e0]
    private static let q0 = [
        1.95448858338141759834e0, 4.67627912898881538453e0, 8.63602421390890590575e1, -2.25462687854119370527e2, 2.00260212380060660359e2,
        -8.20372256168333339912e1, 1.59056225126211695515e1, -1.18331621121330003142e0,
    ]
    private static let p1 = [
        4.05544892305962419923e0, 3.15251094599893866154e1, 5.71628192246421288162e1, 4.40805073893200834700e1, 1.46849561928858024014e1,
        2.18663306850790267539e0, -1.40256079171354495875e-1, -3.50424626827848203418e-2, -8.57456785154685413611e-4,
    ]
    private static let q1 = [
        1.57799883256466749731e1, 4.53907635128879210584e1, 4.13172038254672030440e1, 1.50425385692907503408e1, 2.50464946208309415979e0,
        -1.42182922854787788574e-1, -3.80806407691578277194e-2, -9.33259480895457427372e-4,
    ]
    private static let p2 = [
        3.23774891776946035970e0, 6.91522889068984211695e0, 3.93881025292474443415e0, 1.33303460815807542389e0, 2.01485389549179081538e-1,
        1.23716634817820021358e-2, 3.01581553508235416007e-4, 2.65806974686737550832e-6, 6.23974539184983293730e-9,
    ]
    private static let q2 = [
        6.02427039364742014255e0, 3.67983563856160859403e0, 1.37702099489081330271e0, 2.16236993594496635890e-1, 1.34204006088543189037e-2,
        3.28014464682127739104e-4, 2.89247864745380683936e-6, 6.79019408009981274425e-9,
    ]
}
