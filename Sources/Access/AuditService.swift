package import Domain

/// The audit log for those who may read it, and the record of what was refused.
package struct AuditService: Sendable {
    /// Refusals from one address that are written down in a minute; more are counted only, so that nobody fills the disk with them.
    private static let refusalsPerMinute = 300
    private let log: any AuditRepository
    private let limiter: RateLimiter
    private let clock: any WallClock

    package init(log: any AuditRepository, limiter: RateLimiter, clock: any WallClock) {
        self.log = log
        self.limiter = limiter
        self.clock = clock
    }

    package func records(_ query: AuditQuery, for principal: Principal) async throws -> [AuditRecord] {
        try principal.require(.readAudit)
        return try await log.records(query)
    }

    /// Writes down that something was refused: to whom, what, and why.
    /// - Parameter request: Method and path.
    package func refused(_ failure: PlatformError, _ request: String, to principal: Principal?) async throws {
        let isHidden = failure.cause is HiddenFromCaller
        guard isHidden || [.forbidden, .unauthorized, .quotaExceeded].contains(failure.code) else { return }
        let address = RequestOrigin.current?.address ?? "-"
        guard (try? limiter.take([RateBucket("refusals \(address)", limit: Self.refusalsPerMinute)])) != nil else { return }
        var details: [String: JSONValue] = ["code": .string(failure.code.rawValue), "reason": .string(failure.message)]
        if case .apiKey(let key)? = principal?.credential { details["api_key"] = .string(key.rawValue) }
        try await log.append(
            AuditEntry(
                action: "access.denied", resourceType: "request", resourceID: String(request.prefix(300)), userID: principal?.userID, details: .object(details),
                at: clock.now))
    }
}
