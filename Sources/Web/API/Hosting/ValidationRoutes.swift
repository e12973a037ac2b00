internal import Domain
internal import HTTPTypes
internal import Hummingbird
internal import Pipeline
internal import Wire

/// `/api/v1/ml-models/{model_id}/validate` and `/validations`.
struct ValidationRoutes {
    let models: ModelService

    func add(to group: RouterGroup<AppContext>) {
        group.post("{model_id}/validate", use: validate)
        group.get("{model_id}/validations", use: list)
        group.get("{model_id}/validations/latest", use: latest)
        group.get("{model_id}/validations/{validation_id}", use: get)
    }

    @Sendable private func validate(_ request: Request, _ context: AppContext) async throws -> Response {
        let id: ModelID = try context.id("model_id", "model")
        let version = try request.query("version_id").map { text in
            guard let version = VersionID(text) else { throw PlatformError.notFound("version", String(text.prefix(64))) }
            return version
        }
        let validation = try await models.validate(id, version: version, by: try context.principal)
        return try Answer.success(
            [
                "validation_id": .string(validation.id.rawValue), "task_id": .string(validation.taskID.rawValue), "status": "running",
                "message": .string("Validation started. Check status at /api/v1/ml-models/\(id)/validations/\(validation.id)"),
            ], status: .accepted
        )
    }

    @Sendable private func list(_ request: Request, _ context: AppContext) async throws -> Response {
        let id: ModelID = try context.id("model_id", "model")
        let limit = try request.number("limit", in: 1...200, default: 50)
        let found = try await models.validations(of: id, for: try context.principal, limit: limit)
        return try Answer.success(["data": .array(found.map(ValidationBodies.validation)), "total": .int(found.count)])
    }

    @Sendable private func latest(_ request: Request, _ context: AppContext) async throws -> Response {
        let id: ModelID = try context.id("model_id", "model")
        guard let validation = try await models.validations(of: id, for: try context.principal, limit: 1).first else {
            throw PlatformError.notFound("validation", "latest")
        }
        return try Answer.success(["data": ValidationBodies.validation(validation)])
    }

    @Sendable private func get(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let validation = try await models.validation(
            try context.id("validation_id", "validation"), of: try context.id("model_id", "model"), for: principal
        )
        return try Answer.success(["data": ValidationBodies.validation(validation)])
    }
}
