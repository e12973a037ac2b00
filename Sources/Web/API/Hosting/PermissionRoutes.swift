internal import Domain
internal import HTTPTypes
internal import Hummingbird
internal import Pipeline
internal import Wire

/// `/api/v1/ml-models/{model_id}/permissions`
struct PermissionRoutes {
    let permissions: ModelPermissions

    func add(to group: RouterGroup<AppContext>) {
        group.get("{model_id}/permissions", use: list)
        group.post("{model_id}/permissions", use: grant)
        group.delete("{model_id}/permissions/{permission_id}", use: revoke)
    }

    @Sendable private func list(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let grants = try await permissions.list(try id(context), for: principal)
        return try Answer.success(["data": .array(grants.map(PeopleBodies.grant)), "total": .int(grants.count)])
    }

    @Sendable private func grant(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let (level, grantee, end) = try await request.json(PeopleBodies.Grant.self).read()
        let grant = try await permissions.grant(level, on: try id(context), to: grantee, until: end, by: principal)
        return try Answer.json(PeopleBodies.grant(grant), status: .created)
    }

    @Sendable private func revoke(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        try await permissions.revoke(try context.id("permission_id", "permission"), on: try id(context), by: principal)
        return try Answer.success(["message": "The permission was taken back."])
    }

    private func id(_ context: AppContext) throws -> ModelID { try context.id("model_id", "model") }
}
