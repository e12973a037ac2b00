package import Domain
internal import Synchronization

/// Token buckets in memory: `limit` requests a minute, refilled evenly.
package final class RateLimiter: Sendable {
    private struct Bucket {
        var tokens: Double
        var updated: Timestamp
    }

    private let buckets = Mutex<[String: Bucket]>([:])
    private let clock: any WallClock

    package init(clock: any WallClock) {
        self.clock = clock
    }

    /// Puts back what ``take(_:limitPerMinute:)`` took for a request that was not begun.
    package func putBack(_ key: String) {
        buckets.withLock { $0[key]?.tokens += 1 }
    }

    /// Takes one request from the bucket of `key`.
    /// - Throws: `rateLimited` with the seconds until the next one is there.
    package func take(_ key: String, limitPerMinute limit: Int) throws {
        let now = clock.now
        let wait = buckets.withLock { buckets -> Double in
            var bucket = buckets[key] ?? Bucket(tokens: Double(limit), updated: now)
            let seconds = Double(now.milliseconds - bucket.updated.milliseconds) / 1000
            bucket.tokens = min(Double(limit), bucket.tokens + seconds * Double(limit) / 60)
            bucket.updated = now
            defer { buckets[key] = bucket }
            guard bucket.tokens >= 1 else { return (1 - bucket.tokens) * 60 / Double(limit) }
            bucket.tokens -= 1
            return 0
        }
        guard wait > 0 else { return }
        throw PlatformError(
            .rateLimited, "More than \(limit) requests a minute.", details: .object(["limit_per_minute": .int(limit)]),
            retryAfterSeconds: max(1, Int(wait.rounded(.up)))
        )
    }
}
