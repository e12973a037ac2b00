package import Domain
internal import Synchronization

/// Token buckets in memory, refilled evenly: a bucket of 60 a minute holds 60 and gets one each second.
package final class TokenBuckets: Sendable {
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
            return (nil, 0, tightest.map { $0.bucket.state(tokens: $0.tokens - 1) })
        }
        guard let refused = outcome.refused else { return outcome.tightest }
        throw refused.refusal(waitSeconds: outcome.wait)
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
        return levels.withLock { bucket.state(tokens: Self.tokens($0[bucket.key], bucket, now)) }
    }

    private static func tokens(_ level: Level?, _ bucket: RateBucket, _ now: Timestamp) -> Double {
        guard let level else { return Double(bucket.limit) }
        let seconds = Double(max(0, now.milliseconds - level.updated.milliseconds)) / 1000
        return min(Double(bucket.limit), level.tokens + seconds * Double(bucket.limit) / Double(bucket.seconds))
    }
}
