package import Domain

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

extension RateBucket {
    /// What is left when there are so many tokens.
    package func state(tokens: Double) -> RateState {
        RateState(
            limit: limit, remaining: max(0, Int(tokens)), resetSeconds: Int(((Double(limit) - tokens) * Double(seconds) / Double(max(1, limit))).rounded(.up)))
    }

    /// What is said to who must wait.
    func refusal(waitSeconds: Double) -> PlatformError {
        let unit = [60: "a minute", 3600: "an hour"][seconds] ?? "in \(seconds) s"
        return PlatformError(
            .rateLimited, "More than \(limit) requests \(unit).",
            details: .object([seconds == 60 ? "limit_per_minute" : seconds == 3600 ? "limit_per_hour" : "limit": .int(limit)]),
            retryAfterSeconds: max(1, Int(waitSeconds.rounded(.up))))
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

extension Deployment {
    /// What requests to the model's API are counted in.
    package var buckets: [RateBucket] {
        guard let api, let limit = api.rateLimitPerMinute else { return [] }
        return [RateBucket(api.id.rawValue, limit: limit)]
    }
}
