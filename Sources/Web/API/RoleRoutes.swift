internal import Access
internal import Domain
internal import HTTPTypes
internal import Hummingbird
internal import Wire

/// `/api/v1/roles`
struct RoleRoutes {
    let roles: RoleService

    func add(to group: RouterGroup<AppContext>) {
        group.get(use: list)
        group.post(use: make)
        group.patch("{name}", use: update)
        group.delete("{name}", use: remove)
    }

    @Sendable private func list(_ request: Request, _ context: AppContext) async throws -> Response {
        _ = try context.principal
        let all = try await roles.list()
        return try Answer.success(["data": .array(all.map(PeopleBodies.role)), "total": .int(all.count)])
    }

    @Sendable private func make(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let body = try await request.json(PeopleBodies.Role.self)
        let role = try await roles.add(name: body.name, description: body.description ?? "", permissions: body.permissions, by: principal)
        return try Answer.json(PeopleBodies.role(role), status: .created)
    }

    @Sendable private func update(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let body = try await request.json(PeopleBodies.RoleChange.self)
        let role = try await roles.update(name(context), description: body.description, permissions: body.permissions, by: principal)
        return try Answer.json(PeopleBodies.role(role))
    }

    @Sendable private func remove(_ request: Request, _ context: AppContext) async throws -> Response {
        try await roles.remove(name(context), by: try context.principal)
        return try Answer.success(["message": "The role was removed."])
    }

    private func name(_ context: AppContext) -> String { context.parameters.get("name") ?? "" }
}
