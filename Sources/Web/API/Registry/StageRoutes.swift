internal import Access
internal import Domain
internal import HTTPTypes
internal import Hummingbird
internal import Pipeline
internal import Wire

/// Stages and names of versions: `/api/v1/models/{model_id}/versions/{version}/stage`, `/promotions`, `/aliases`.
struct StageRoutes {
    let stages: StageService

    func add(to group: RouterGroup<AppContext>) {
        group.post("{model_id}/versions/{version}/stage", use: move)
        group.get("{model_id}/promotions", use: promotions)
        group.post("{model_id}/promotions/{promotion_id}/approve") { try await decide($0, $1, approve: true) }
        group.post("{model_id}/promotions/{promotion_id}/reject") { try await decide($0, $1, approve: false) }
        group.post("{model_id}/promotions/{promotion_id}/revert", use: revert)
        group.get("{model_id}/aliases", use: aliases)
        group.put("{model_id}/aliases/{alias}", use: setAlias)
        group.delete("{model_id}/aliases/{alias}", use: removeAlias)
    }

    private struct Move: Decodable {
        let stage: String
        let comment: String?
    }

    private struct Target: Decodable {
        let version: String
    }

    @Sendable private func move(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let body = try await request.json(Move.self)
        guard let stage = Stage(rawValue: body.stage) else { throw PlatformError.field("/stage", "expected development, staging, production or archived") }
        if let comment = body.comment, comment.count > 1000 { throw PlatformError.field("/comment", "expected at most 1000 characters") }
        let promotion = try await stages.move(
            context.parameters.get("version") ?? "", of: try context.id("model_id", "model"), to: stage, comment: body.comment, by: principal)
        let waits = promotion.state == .pending
        return try Answer.success(
            [
                "message": waits ? "The promotion waits for a second person's approval." : "The version is in its new stage.",
                "data": RegistryBodies.promotion(promotion),
            ], status: waits ? .accepted : .ok)
    }

    @Sendable private func promotions(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let limit = try request.number("limit", in: 1...200, default: 50)
        let list = try await stages.promotions(of: try context.id("model_id", "model"), limit: limit, for: principal)
        return try Answer.success(["data": .array(list.map(RegistryBodies.promotion)), "total": .int(list.count)])
    }

    private func decide(_ request: Request, _ context: AppContext, approve: Bool) async throws -> Response {
        let principal = try context.principal
        let promotion = try await stages.decide(try promotionID(context), of: try context.id("model_id", "model"), approve: approve, by: principal)
        return try Answer.success(["data": RegistryBodies.promotion(promotion)])
    }

    @Sendable private func revert(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let promotion = try await stages.revert(try promotionID(context), of: try context.id("model_id", "model"), by: principal)
        return try Answer.success(["data": RegistryBodies.promotion(promotion)])
    }

    @Sendable private func aliases(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let list = try await stages.aliases(of: try context.id("model_id", "model"), for: principal)
        return try Answer.success(["data": .array(list.map(RegistryBodies.alias)), "total": .int(list.count)])
    }

    @Sendable private func setAlias(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let body = try await request.json(Target.self)
        let alias = try await stages.setAlias(
            context.parameters.get("alias") ?? "", of: try context.id("model_id", "model"), to: String(body.version.prefix(100)), by: principal)
        return try Answer.success(["data": RegistryBodies.alias(alias)])
    }

    @Sendable private func removeAlias(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        try await stages.removeAlias(context.parameters.get("alias") ?? "", of: try context.id("model_id", "model"), by: principal)
        return try Answer.success(["message": "Alias removed."])
    }

    private func promotionID(_ context: AppContext) throws -> PromotionID { try context.id("promotion_id", "promotion") }
}
