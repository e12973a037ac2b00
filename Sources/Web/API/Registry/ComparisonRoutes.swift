internal import Domain
internal import Hummingbird
internal import Pipeline
internal import Wire

/// `GET /api/v1/models/{model_id}/compare`: what is different between two versions.
struct ComparisonRoutes {
    let comparison: ComparisonService

    func add(to group: RouterGroup<AppContext>) {
        group.get("{model_id}/compare", use: compare)
    }

    @Sendable private func compare(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let id: ModelID = try context.id("model_id", "model")
        let compared = try await comparison.compare(request.query("from"), request.query("to"), of: id, for: principal, from: context.address)
        return try Answer.success(["data": compared])
    }
}
