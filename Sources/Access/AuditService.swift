package import Domain
internal import Synchronization

/// The audit log for those who may read it, and the record of what was refused.
package final class AuditService: Sendable {
    /// Refusals from one address that are written down in a minute, so that nobody fills the disk with them.
    private static let refusalsPerMinute = 300
    private static let maximumQueue = 10_000
    private let log: any AuditRepository
    private let limiter: TokenBuckets
    private let clock: any WallClock
    private let queue = Mutex<[AuditEntry]>([])

    package init(log: any AuditRepository, clock: any WallClock) {
        self.log = log
        self.clock = clock
        limiter = TokenBuckets(clock: clock)
    }

    package func records(_ query: AuditQuery, for principal: Principal) async throws -> [AuditRecord] {
        try principal.require(.readAudit)
        return try await log.records(query)
    }

    /// Notes that something was refused: to whom, what, and why. Written with the next ``flush()``, so that the time of an answer tells nothing
    /// about what was hidden from its caller.
    /// - Parameter request: Method and path.
    package func refused(_ failure: PlatformError, _ request: String, to principal: Principal?) {
        let isHidden = failure.cause is HiddenFromCaller
        guard isHidden || [.forbidden, .unauthorized, .quotaExceeded].contains(failure.code) else { return }
        let address = RequestOrigin.current?.address ?? "-"
        guard (try? limiter.take([RateBucket(address, limit: Self.refusalsPerMinute)])) != nil else { return }
        var details: [String: JSONValue] = ["code": .string(failure.code.rawValue), "reason": .string(failure.message)]
        if case .apiKey(let key)? = principal?.credential { details["api_key"] = .string(key.rawValue) }
        let entry = AuditEntry(
            action: "access.denied", resourceType: "request", resourceID: String(request.prefix(300)), userID: principal?.userID, details: .object(details),
            at: clock.now)
        queue.withLock { if $0.count < Self.maximumQueue { $0.append(entry) } }
    }

    /// Writes down what was noted.
    package func flush() async throws {
        let entries = queue.withLock { queue in
            defer { queue = [] }
            return queue
        }
        for (index, entry) in entries.enumerated() {
            do {
                try await log.append(entry)
            } catch {
                queue.withLock { $0.insert(contentsOf: entries[index...], at: 0) }
                throw error
            }
        }
    }
}
