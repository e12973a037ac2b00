package import Domain
internal import Synchronization

/// One thing that is counted: at most `limit` in `seconds`.
package struct RateBucket: Sendable {
    package let key: String
    package let limit: Int
    package let seconds: Int

    package init(_ key: String, limit: Int, seconds: Int = 60) {
        self.key = key
        self.limit = limit
        self.seconds = seconds
    }
}

/// How much of a limit is left; what the `RateLimit-*` headers say.
package struct RateState: Sendable {
    package let limit: Int
    package let remaining: Int
    /// Until the bucket is full again.
    package let resetSeconds: Int

    /// The one of which the smaller part is left.
    package static func tightest(_ first: RateState?, _ second: RateState?) -> RateState? {
        guard let first, let second else { return first ?? second }
        return Double(first.remaining) * Double(second.limit) <= Double(second.remaining) * Double(first.limit) ? first : second
    }
}

/// Token buckets in memory, refilled evenly: a bucket of 60 a minute holds 60 and gets one each second.
package final class RateLimiter: Sendable {
    private struct Level {
        var tokens: Double
        var updated: Timestamp
    }

    private static let maximumBuckets = 200_000
    private let levels = Mutex<[String: Level]>([:])
    private let clock: any WallClock

    package init(clock: any WallClock) {
        self.clock = clock
    }

    /// Takes one from each bucket, or none from any.
    /// - Returns: The state of the bucket with the smallest part left; nil for no buckets.
    /// - Throws: `rateLimited` with the seconds until the next one is there.
    @discardableResult
    package func take(_ buckets: [RateBucket]) throws -> RateState? {
        guard !buckets.isEmpty else { return nil }
        let now = clock.now
        let outcome: (refused: RateBucket?, wait: Double, tightest: RateState?) = levels.withLock { levels in
            if levels.count > Self.maximumBuckets {
                levels = levels.filter { now.milliseconds - $0.value.updated.milliseconds < 3_600_000 }
                // Nobody keeps this lock busy with many names: then all begin anew.
                if levels.count > Self.maximumBuckets { levels = [:] }
            }
            var filled: [(bucket: RateBucket, tokens: Double)] = []
            for bucket in buckets {
                let tokens = Self.tokens(levels[bucket.key], bucket, now)
                guard tokens >= 1 else { return (bucket, (1 - tokens) * Double(bucket.seconds) / Double(max(1, bucket.limit)), nil) }
                filled.append((bucket, tokens))
            }
            for (bucket, tokens) in filled { levels[bucket.key] = Level(tokens: tokens - 1, updated: now) }
            let tightest = filled.min { $0.tokens / Double($0.bucket.limit) < $1.tokens / Double($1.bucket.limit) }
            return (nil, 0, tightest.map { Self.state($0.bucket, $0.tokens - 1) })
        }
        guard let refused = outcome.refused else { return outcome.tightest }
        let unit = [60: "a minute", 3600: "an hour"][refused.seconds] ?? "in \(refused.seconds) s"
        throw PlatformError(
            .rateLimited, "More than \(refused.limit) requests \(unit).",
            details: .object([refused.seconds == 60 ? "limit_per_minute" : refused.seconds == 3600 ? "limit_per_hour" : "limit": .int(refused.limit)]),
            retryAfterSeconds: max(1, Int(outcome.wait.rounded(.up))))
    }

    /// Puts back what ``take(_:)`` took for a request that was not begun.
    package func putBack(_ buckets: [RateBucket]) {
        levels.withLock { levels in
            for bucket in buckets { levels[bucket.key]?.tokens += 1 }
        }
    }

    /// What is left, taking nothing.
    package func state(of bucket: RateBucket) -> RateState {
        let now = clock.now
        return levels.withLock { Self.state(bucket, Self.tokens($0[bucket.key], bucket, now)) }
    }

    private static func tokens(_ level: Level?, _ bucket: RateBucket, _ now: Timestamp) -> Double {
        guard let level else { return Double(bucket.limit) }
        let seconds = Double(max(0, now.milliseconds - level.updated.milliseconds)) / 1000
        return min(Double(bucket.limit), level.tokens + seconds * Double(bucket.limit) / Double(bucket.seconds))
    }

    private static func state(_ bucket: RateBucket, _ tokens: Double) -> RateState {
        let missing = Double(bucket.limit) - tokens
        return RateState(
            limit: bucket.limit, remaining: max(0, Int(tokens)),
            resetSeconds: Int((missing * Double(bucket.seconds) / Double(max(1, bucket.limit))).rounded(.up)))
    }
}

extension Principal {
    /// What each of the caller's requests is counted in: the account, over all its keys, and the key.
    package var requestBuckets: [RateBucket] {
        var buckets: [RateBucket] = []
        if let limit = limits.requestsPerMinute { buckets.append(RateBucket("user \(userID)", limit: limit)) }
        if case .apiKey(let id) = credential, let limit = scope?.requestsPerMinute { buckets.append(RateBucket("key \(id)", limit: limit)) }
        return buckets
    }

    package var uploadBucket: RateBucket? {
        limits.uploadsPerHour.map { RateBucket("uploads \(userID)", limit: $0, seconds: 3600) }
    }
}

extension ModelAPI {
    package var bucket: RateBucket? {
        rateLimitPerMinute.map { RateBucket(id.rawValue, limit: $0) }
    }
}
