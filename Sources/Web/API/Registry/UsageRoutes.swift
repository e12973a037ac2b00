internal import Access
internal import Domain
internal import HTTPTypes
internal import Hummingbird
internal import Pipeline
internal import Wire

/// `GET /api/v1/models/{model_id}/analytics` and `GET /api/v1/predict/history`: what was called, added up and one by one.
struct UsageRoutes {
    let models: ModelService
    let clock: any WallClock

    func add(to group: RouterGroup<AppContext>) {
        group.get("{model_id}/analytics", use: analytics)
    }

    func addHistory(to group: RouterGroup<AppContext>) {
        group.get("history", use: history)
    }

    @Sendable private func analytics(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let id: ModelID = try context.id("model_id", "model")
        let days = try request.number("days", in: 1...3650, default: 30)
        let usage = try await models.analytics(of: id, days: days, for: principal)
        return try Answer.json(UsageBodies.analytics(usage, of: id, days: days))
    }

    @Sendable private func history(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        var query = CallQuery(userID: principal.userID)
        if let text = request.query("model_id") {
            guard let id = ModelID(text) else { throw PlatformError.field("/model_id", "expected a model id (model_…)") }
            query.modelID = id
        }
        switch request.query("status") {
        case nil: break
        case "success": query.isSuccessful = true
        case "failed": query.isSuccessful = false
        default: throw PlatformError.field("/status", "expected success or failed")
        }
        query.since = try request.moment("since")
        query.until = try request.moment("until")
        query.limit = try request.number("limit", in: 1...200, default: 50)
        query.after = try request.cursor()
        let calls = try await models.calls(query, for: principal)
        let last = calls.last.map { ModelQuery.Cursor(createdAt: $0.at, id: $0.id).text }
        return try Answer.success([
            "data": .array(calls.map(UsageBodies.call)), "next_cursor": calls.count == query.limit ? last.map { .string($0) } ?? .null : .null,
        ])
    }
}
