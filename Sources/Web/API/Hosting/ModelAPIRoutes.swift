internal import Access
internal import Domain
internal import HTTPTypes
internal import Hummingbird
internal import Pipeline
internal import Wire

/// `/api/v1/ml-models/{model_id}/generate-api` and `/docs`.
struct ModelAPIRoutes {
    let models: ModelService

    func add(to group: RouterGroup<AppContext>) {
        group.post("{model_id}/generate-api", use: generate)
        group.get("{model_id}/docs", use: docs)
        group.get("{model_id}/docs/ui", use: page)
    }

    @Sendable private func generate(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let id: ModelID = try context.id("model_id", "model")
        let body = try await request.json(ChangeBodies.API.self)
        try body.check()
        let api = try await models.generateAPI(
            id, path: body.endpoint_path ?? "/predict", rateLimitPerMinute: body.rate_limit_per_minute, isAsync: body.async ?? false, by: principal
        )
        return try Answer.success([
            "api_id": .string(api.id.rawValue), "endpoint": .string("/api/v1/ml-models/\(id)\(api.endpointPath)"), "status": "active",
            "rate_limit_per_minute": api.rateLimitPerMinute.map { .int($0) } ?? .null, "async": .bool(api.isAsync),
            "documentation_url": .string("/api/v1/ml-models/\(id)/docs"),
        ])
    }

    @Sendable private func docs(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let id: ModelID = try context.id("model_id", "model")
        let model = try await models.model(id, for: principal).model
        guard let versionID = model.currentVersionID else {
            throw PlatformError(.modelNotActive, "The model has no active version, so there is no API to describe. hint: see its validations.")
        }
        let version = try await models.version(versionID, of: id, for: principal)
        let validation = try await models.validations(of: id, for: principal, limit: 50)
            .first { $0.versionID == versionID && $0.report != nil }
        let path = try await models.api(of: id)?.endpointPath ?? "/predict"
        return try Answer.json(ModelDocument.openAPI(model, version, endpoint: path, validation: validation))
    }

    /// The page is the same for every model and tells nothing: it asks for the description with the reader's own key.
    @Sendable private func page(_ request: Request, _ context: AppContext) async throws -> Response {
        DocsPage.response
    }
}
