import Formats
internal import Glibc

/// Regressors whose values are linear, or a known function of it: least squares, ridge, lasso, Huber, Poisson, Gamma, Tweedie.
struct LinearRegressor: Regressor {
    enum Link: Sendable {
        case identity, log
    }

    private let map: LinearMap
    private let link: Link
    let keepsTargetAxis: Bool

    init(_ attributes: Attributes, link: Link = .identity) throws {
        map = try LinearMap(attributes)
        self.link = link
        keepsTargetAxis = try attributes.array("coef_").shape.count == 2
    }

    /// Tweedie: the link follows the power unless it is given.
    static func tweedie(_ attributes: Attributes) throws -> LinearRegressor {
        switch attributes.optionalText("link") {
        case "identity": try LinearRegressor(attributes)
        case "log": try LinearRegressor(attributes, link: .log)
        case "auto": try LinearRegressor(attributes, link: try attributes.number("power") <= 0 ? .identity : .log)
        default: throw attributes.uncovered("link")
        }
    }

    func values(_ rows: Rows) throws -> Matrix {
        var result = try map.apply(try rows.finite(columns: map.columns))
        if case .log = link {
            for index in result.values.indices { result.values[index] = exp(result.values[index]) }
        }
        return result
    }
}
