internal import Access
internal import Domain
internal import HTTPTypes
internal import Hummingbird
internal import Wire

/// `/api/v1/api-keys`: the caller's own keys.
struct APIKeyRoutes {
    let keys: APIKeyService

    func add(to group: RouterGroup<AppContext>) {
        group.post(use: make)
        group.get(use: list)
        group.get("{key_id}", use: get)
        group.patch("{key_id}", use: rename)
        group.delete("{key_id}", use: revoke)
    }

    @Sendable private func make(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let body = try await request.json(KeyBodies.New.self)
        let (key, secret) = try await keys.make(name: body.name, expiresInDays: body.expires_in_days, scope: try body.scope?.read(), for: principal)
        return try Answer.json(KeyBodies.key(key, secret: secret), status: .created)
    }

    @Sendable private func list(_ request: Request, _ context: AppContext) async throws -> Response {
        let list = try await keys.list(of: try context.principal)
        return try Answer.success(["data": .array(list.map { KeyBodies.key($0) }), "total": .int(list.count)])
    }

    @Sendable private func get(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        return try Answer.json(KeyBodies.key(try await keys.key(try id(context), of: principal)))
    }

    @Sendable private func rename(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let body = try await request.json(KeyBodies.Change.self)
        return try Answer.json(KeyBodies.key(try await keys.rename(try id(context), to: body.name, by: principal)))
    }

    @Sendable private func revoke(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        try await keys.revoke(try id(context), by: principal)
        return try Answer.success(["message": "API key revoked."])
    }

    private func id(_ context: AppContext) throws -> KeyID { try context.id("key_id", "API key") }
}
