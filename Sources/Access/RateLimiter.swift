internal import Domain
package import Logging
internal import Synchronization

/// Counts for several servers together.
package protocol SharedBuckets: Sendable {
    /// Takes `count` from each bucket, or nothing from any; 0 looks, less than 0 gives back.
    /// - Throws: Anything when the counts cannot be reached.
    func take(_ count: Int, from buckets: [RateBucket]) async throws -> SharedAnswer
}

/// What shared buckets say.
package enum SharedAnswer: Sendable {
    /// The tokens that are left in each bucket.
    case taken([Double])
    /// The place of the bucket that is empty, and the time until the next token.
    case refused(Int, waitSeconds: Double)
}

/// Limits of requests: counted by all servers together where there is such a place, else, and while it cannot be reached, by each for itself.
package struct RateLimiter: Sendable {
    private let local: TokenBuckets
    private let shared: (any SharedBuckets)?
    private let outage: Outage

    package init(local: TokenBuckets, shared: (any SharedBuckets)? = nil, logger: Logger) {
        self.local = local
        self.shared = shared
        outage = Outage(logger)
    }

    /// Takes one from each bucket, or none from any.
    /// - Returns: The state of the bucket with the smallest part left; nil for no buckets.
    /// - Throws: `rateLimited` with the seconds until the next one is there.
    @discardableResult
    package func take(_ buckets: [RateBucket]) async throws -> RateState? {
        guard let shared, !buckets.isEmpty, let answer = await outage.attempt({ try await shared.take(1, from: buckets) }) else { return try local.take(buckets) }
        switch answer {
        case .taken(let tokens):
            return zip(buckets, tokens).map { $0.state(tokens: $1) }.reduce(nil, RateState.tightest)
        case .refused(let place, let wait):
            throw (buckets.indices.contains(place) ? buckets[place] : buckets[0]).refusal(waitSeconds: wait)
        }
    }

    /// Whether nobody else counts.
    package var isLocal: Bool { shared == nil }

    /// The same by this server alone, without waiting for anybody.
    package func takeLocally(_ buckets: [RateBucket]) throws -> RateState? { try local.take(buckets) }

    /// Puts back what ``takeLocally(_:)`` took for a request that was not begun.
    package func putBack(_ buckets: [RateBucket]) {
        local.putBack(buckets)
    }

    /// What is left, taking nothing.
    package func state(of bucket: RateBucket) async -> RateState {
        if let shared, case .taken(let tokens)? = await outage.attempt({ try await shared.take(0, from: [bucket]) }), let tokens = tokens.first {
            return bucket.state(tokens: tokens)
        }
        return local.state(of: bucket)
    }
}

/// Remembers that something could not be reached, so that not every request waits for it.
private final class Outage: Sendable {
    private static let pause = Duration.seconds(1)
    private let until = Mutex<ContinuousClock.Instant?>(nil)
    private let logger: Logger

    init(_ logger: Logger) {
        self.logger = logger
    }

    /// - Returns: nil when it failed now, or just before.
    func attempt<Answer>(_ body: () async throws -> Answer) async -> Answer? {
        let isOut = until.withLock { $0.map { $0 > .now } ?? false }
        guard !isOut else { return nil }
        do {
            let answer = try await body()
            let wasOut = until.withLock { until in
                defer { until = nil }
                return until != nil
            }
            if wasOut { logger.notice("Limits are counted together again") }
            return answer
        } catch {
            let isNew = until.withLock { until in
                defer { until = .now + Self.pause }
                return until == nil
            }
            if isNew { logger.warning("Limits are counted by this server alone", metadata: ["error": "\(error)"]) }
            return nil
        }
    }
}
