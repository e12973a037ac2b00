internal import Access
internal import Domain
internal import HTTPTypes
internal import Hummingbird
internal import Pipeline
internal import Wire

/// `/api/v1/users`: the accounts of others.
struct UserRoutes {
    let administration: UserAdministration
    let permissions: ModelPermissions
    let standards: AccountStandards

    func add(to group: RouterGroup<AppContext>) {
        group.get(use: list)
        group.post(use: make)
        group.get("{user_id}", use: get)
        group.patch("{user_id}", use: update)
        group.post("{user_id}/password", use: setPassword)
        group.delete("{user_id}", use: close)
    }

    @Sendable private func list(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        var query = UserQuery()
        query.search = request.query("search").map { String($0.prefix(200)) }
        query.isActive = try request.flag("is_active")
        query.limit = try request.number("limit", in: 1...200, default: 50)
        if let text = request.query("role") {
            guard let role = RoleName(text) else { throw PlatformError.field("/role", "expected the name of a role") }
            query.role = role
        }
        query.after = try request.cursor()
        let (users, total) = try await administration.list(query, for: principal)
        let last = users.last.map { ModelQuery.Cursor(createdAt: $0.createdAt, id: $0.id.rawValue).text }
        return try Answer.success([
            "data": .array(users.map(body)), "total": .int(total), "next_cursor": users.count == query.limit ? last.map { .string($0) } ?? .null : .null,
        ])
    }

    @Sendable private func make(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let new = try await request.json(PeopleBodies.NewUser.self)
        let user = try await administration.add(email: new.email, username: new.username, password: new.password, role: new.role, by: principal)
        return try Answer.json(body(user), status: .created)
    }

    @Sendable private func get(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        return try Answer.json(body(try await administration.user(try id(context), for: principal)))
    }

    @Sendable private func update(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let wanted = try await request.json(PeopleBodies.UserChange.self)
        var change = UserChange()
        change.email = wanted.email
        change.username = wanted.username
        change.role = wanted.role
        change.isActive = wanted.is_active
        change.limits = try wanted.limits?.read()
        if let text = wanted.subscription {
            guard let subscription = User.Subscription(rawValue: text) else { throw PlatformError.field("/subscription", "expected free or premium") }
            change.subscription = subscription
        }
        return try Answer.json(body(try await administration.update(try id(context), change, by: principal)))
    }

    @Sendable private func setPassword(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let new = try await request.json(PeopleBodies.NewPassword.self)
        try await administration.setPassword(new.password, of: try id(context), by: principal)
        return try Answer.success(["message": "The password was set; every session of the account has ended."])
    }

    @Sendable private func close(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        var heir: UserID?
        if let text = request.query("transfer_to") {
            guard let id = UserID(text) else { throw PlatformError.field("/transfer_to", "expected the id of an account (usr_…)") }
            heir = id
        }
        let models = try await administration.close(try id(context), heir: heir, by: principal)
        try await permissions.refresh(models)
        return try Answer.success(["message": "The account is closed.", "models_transferred": .int(heir == nil ? 0 : models.count)])
    }

    private func id(_ context: AppContext) throws -> UserID { try context.id("user_id", "user") }

    private func body(_ user: User) -> JSONValue { AccountBodies.user(user, limits: standards.limits(of: user)) }
}
