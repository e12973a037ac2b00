internal import Access
internal import Domain
internal import HTTPTypes
internal import Hummingbird
internal import Pipeline

/// `/api/v1/limits`: what the caller may use, and what is left of it.
struct LimitRoutes {
    let limiter: RateLimiter
    let models: ModelService

    func add(to group: RouterGroup<AppContext>) {
        group.get(use: get)
    }

    @Sendable private func get(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let use = try await models.use(of: principal.userID)
        let buckets = principal.requestBuckets
        let requests = buckets.map { bucket in
            rate(bucket, ["of": bucket.key.hasPrefix("key ") ? "api_key" : "account"])
        }
        return try Answer.success([
            "requests": .array(requests), "uploads": principal.uploadBucket.map { rate($0) } ?? .null,
            "models": .object(["limit": principal.limits.models.map { .int($0) } ?? .null, "used": .int(use.models)]),
            "storage": .object(["limit_bytes": principal.limits.storage.map { .int($0) } ?? .null, "used_bytes": .int(use.storage)]),
        ])
    }

    private func rate(_ bucket: RateBucket, _ more: [String: JSONValue] = [:]) -> JSONValue {
        let state = limiter.state(of: bucket)
        let members: [String: JSONValue] = [
            "limit": .int(state.limit), "remaining": .int(state.remaining), "reset_seconds": .int(state.resetSeconds), "window_seconds": .int(bucket.seconds),
        ]
        return .object(members.merging(more) { own, _ in own })
    }
}
