internal import Access
internal import Domain
internal import HTTPTypes
internal import Hummingbird
internal import Wire

/// `/api/v1/auth`: registration, login, refresh, logout, me.
struct AccountRoutes {
    let accounts: AccountService
    let isRegistrationOpen: Bool

    func add(to group: RouterGroup<AppContext>) {
        group.post("register", use: register)
        group.post("login", use: login)
        group.post("refresh", use: refresh)
        group.post("logout", use: logout)
        group.get("me", use: me)
    }

    @Sendable private func register(_ request: Request, _ context: AppContext) async throws -> Response {
        guard isRegistrationOpen else { throw PlatformError(.forbidden, "Registration is closed here. hint: ask the operator for an account.") }
        let body = try await request.json(AccountBodies.Registration.self)
        let user = try await accounts.register(email: body.email, username: body.username, password: body.password)
        return try Answer.json(AccountBodies.user(user), status: .created)
    }

    @Sendable private func login(_ request: Request, _ context: AppContext) async throws -> Response {
        let body = try await request.json(AccountBodies.Login.self)
        return try answer(try await accounts.login(email: body.email, password: body.password))
    }

    @Sendable private func refresh(_ request: Request, _ context: AppContext) async throws -> Response {
        try answer(try await accounts.refresh(try await request.json(AccountBodies.Refresh.self).refresh_token))
    }

    @Sendable private func logout(_ request: Request, _ context: AppContext) async throws -> Response {
        try await accounts.logout(try context.principal)
        return try Answer.success(["message": "Logged out."])
    }

    @Sendable private func me(_ request: Request, _ context: AppContext) async throws -> Response {
        try Answer.json(AccountBodies.user(try await accounts.user(try context.principal.userID)))
    }

    private func answer(_ pair: TokenPair) throws -> Response {
        try Answer.json(
            .object([
                "access_token": .string(pair.accessToken), "refresh_token": .string(pair.refreshToken), "token_type": "bearer",
                "expires_in": .int(pair.expiresInSeconds),
            ])
        )
    }
}
