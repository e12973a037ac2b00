internal import Access
internal import Domain
internal import HTTPTypes
internal import Hummingbird
internal import Pipeline
internal import Wire

/// `/api/v1/limits`: what the caller may use, and what is left of it.
struct LimitRoutes {
    let limiter: RateLimiter
    let meter: KeyMeter
    let models: ModelService

    func add(to group: RouterGroup<AppContext>) {
        group.get(use: get)
    }

    @Sendable private func get(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let use = try await models.use(of: principal.userID)
        var requests: [JSONValue] = []
        for bucket in principal.requestBuckets { requests.append(await rate(bucket, ["of": bucket.key.hasPrefix("key ") ? "api_key" : "account"])) }
        var uploads = JSONValue.null
        if let bucket = principal.uploadBucket { uploads = await rate(bucket) }
        let budgets = principal.keyID.map { meter.states(of: $0, principal.scope) } ?? []
        return try Answer.success([
            "requests": .array(requests), "uploads": uploads, "budgets": .array(budgets.map { KeyBodies.budget($0.budget, used: $0.used, resetsAt: $0.resetsAt) }),
            "models": .object(["limit": principal.limits.models.map { .int($0) } ?? .null, "used": .int(use.models)]),
            "storage": .object(["limit_bytes": principal.limits.storage.map { .int($0) } ?? .null, "used_bytes": .int(use.storage)]),
        ])
    }

    private func rate(_ bucket: RateBucket, _ more: [String: JSONValue] = [:]) async -> JSONValue {
        let state = await limiter.state(of: bucket)
        let members: [String: JSONValue] = [
            "limit": .int(state.limit), "remaining": .int(state.remaining), "reset_seconds": .int(state.resetSeconds), "window_seconds": .int(bucket.seconds),
        ]
        return .object(members.merging(more) { own, _ in own })
    }
}
