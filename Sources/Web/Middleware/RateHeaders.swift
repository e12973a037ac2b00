internal import Access
internal import Domain
internal import HTTPTypes

/// What is left of a limit, for the client to see: https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/06/
enum RateHeaders {
    static let limit = name("RateLimit-Limit")
    private static let remaining = name("RateLimit-Remaining")
    private static let warning = name("X-Budget-Warning")
    private static let reset = name("RateLimit-Reset")

    static func write(_ state: RateState, to headers: inout HTTPFields) {
        headers[limit] = String(state.limit)
        headers[remaining] = String(state.remaining)
        headers[reset] = String(state.resetSeconds)
    }

    /// Of a request that was refused.
    static func write(_ failure: PlatformError, to headers: inout HTTPFields) {
        guard failure.code == .rateLimited, let seconds = failure.retryAfterSeconds else { return }
        let details = ["limit_per_minute", "limit_per_hour", "limit"].lazy.compactMap { failure.details?[$0]?.intValue }.first
        if let details { headers[limit] = String(details) }
        headers[remaining] = "0"
        headers[reset] = String(seconds)
    }

    /// Of a budget that is near its end.
    static func write(_ state: KeyMeter.BudgetState, to headers: inout HTTPFields) {
        let budget = state.budget
        let limit = budget.hard.map { " of \($0)" } ?? ""
        headers[warning] = "\(state.used)\(limit) \(budget.unit.rawValue) of the \(budget.period.rawValue) are used; it ends at \(state.resetsAt)"
    }

    private static func name(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else { preconditionFailure("no name of a header: \(text)") }
        return name
    }
}
