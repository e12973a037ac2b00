internal import Access
internal import Domain
internal import HTTPTypes
internal import Hummingbird
internal import Pipeline
internal import Wire

/// `/api/v1/ml-models`: upload, list, details, change, delete.
struct ModelRoutes {
    let models: ModelService
    let door: UploadDoor

    func add(to group: RouterGroup<AppContext>) {
        group.post(use: upload)
        group.get(use: list)
        group.get("{model_id}", use: get)
        group.patch("{model_id}", use: update)
        group.delete("{model_id}", use: delete)
        group.post("{model_id}/versions", use: uploadVersion)
    }

    @Sendable private func upload(_ request: Request, _ context: AppContext) async throws -> Response {
        try await publish(request, context, as: nil)
    }

    @Sendable private func uploadVersion(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let id: ModelID = try context.id("model_id", "model")
        _ = try await models.model(id, for: principal, to: .update)
        return try await publish(request, context, as: id)
    }

    private func publish(_ request: Request, _ context: AppContext, as id: ModelID?) async throws -> Response {
        let publication = try await door.publish(request, try context.principal, as: id)
        let version = publication.version
        return try Answer.success(
            [
                "model_id": .string(version.modelID.rawValue), "version_id": .string(version.id.rawValue),
                "version": .string(version.version.description), "status": "pending_validation",
                "message": "Model uploaded successfully. Validation in progress.", "validation_id": .string(publication.validationID.rawValue),
                "task_id": .string(publication.taskID.rawValue), "checksum": .string("sha256:\(version.fileHash)"), "file_size": .int(version.fileSize),
            ], status: .accepted
        )
    }

    @Sendable private func list(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let query = try Self.query(request)
        let page = try await models.list(query, for: principal)
        let last = page.models.last.map { ModelQuery.Cursor(createdAt: $0.model.createdAt, id: $0.model.id.rawValue).text }
        return try Answer.success([
            "data": .array(page.models.map { ModelBodies.summary($0.model, owner: $0.owner) }), "total": .int(page.total),
            "is_total_exact": .bool(page.isTotalExact), "next_cursor": page.models.count == query.limit ? last.map { .string($0) } ?? .null : .null,
        ])
    }

    @Sendable private func get(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let id: ModelID = try context.id("model_id", "model")
        let (model, owner) = try await models.model(id, for: principal)
        let versions = try await models.versions(of: id, for: principal)
        let details = ModelBodies.details(
            model, owner: owner, versions: versions, usage: try await models.statistics(of: id), deployment: models.deployment(of: id)
        )
        return try Answer.success(["data": details])
    }

    @Sendable private func update(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let id: ModelID = try context.id("model_id", "model")
        let change = try await request.json(ChangeBodies.Model.self).change()
        let (model, owner) = try await models.update(id, change, by: principal)
        return try Answer.success(["data": ModelBodies.summary(model, owner: owner)])
    }

    @Sendable private func delete(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        try await models.delete(try context.id("model_id", "model"), by: principal)
        return try Answer.success(["message": "Model deleted successfully"])
    }

    /// Reads filters and the place in the list; a filter that cannot be right is an error, never ignored.
    private static func query(_ request: Request) throws -> ModelQuery {
        var query = ModelQuery()
        query.category = request.query("category")
        query.isPublic = try request.flag("is_public")
        query.tag = request.query("tag")
        query.search = request.query("search").map { String($0.prefix(200)) }
        query.limit = try request.number("limit", in: 1...200, default: 50)
        if let text = request.query("model_type") {
            guard let type = ModelType(rawValue: text) else {
                throw PlatformError.field("/model_type", "expected one of \(ModelType.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            query.type = type
        }
        if let text = request.query("status") {
            guard let status = Model.Status(rawValue: text), status != .deleted else {
                throw PlatformError.field("/status", "expected pending, validated, active, deprecated or archived")
            }
            query.status = status
        }
        if let text = request.query("owner_id") {
            guard let owner = UserID(text) else { throw PlatformError.field("/owner_id", "expected a user id (usr_…)") }
            query.ownerID = owner
        }
        query.after = try request.cursor()
        return query
    }
}
