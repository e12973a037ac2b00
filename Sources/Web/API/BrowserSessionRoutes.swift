internal import Access
internal import Domain
internal import HTTPTypes
internal import Hummingbird
internal import Wire

/// `/api/v1/auth/session`: a login for pages in a browser, whose tokens stand in cookies that no script can read.
struct BrowserSessionRoutes {
    let accounts: AccountService
    let standards: AccountStandards
    /// Whether the server speaks TLS itself.
    let isSecure: Bool
    let rules: SameSiteRules

    func add(to group: RouterGroup<AppContext>) {
        group.post("session", use: login)
        group.get("session", use: current)
        group.post("session/refresh", use: refresh)
        group.delete("session", use: logout)
    }

    @Sendable private func login(_ request: Request, _ context: AppContext) async throws -> Response {
        try rules.requireOrigin(request)
        let body = try await request.json(AccountBodies.Login.self)
        return try await answer(try await accounts.login(email: body.email, password: body.password), context)
    }

    @Sendable private func refresh(_ request: Request, _ context: AppContext) async throws -> Response {
        try rules.requireOrigin(request)
        guard let token = SessionCookies.refreshToken(in: request.headers) else {
            throw PlatformError(.unauthorized, "There is no session to go on with. hint: log in again.")
        }
        return try await answer(try await accounts.refresh(token), context)
    }

    @Sendable private func current(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        return try await answer(principal.userID, try principal.requireLogin())
    }

    @Sendable private func logout(_ request: Request, _ context: AppContext) async throws -> Response {
        if let caller = context.caller {
            try await accounts.logout(caller)
        } else {
            // The short-lived cookie is gone by itself; the long-lived one must be ended all the same.
            try rules.requireOrigin(request)
            guard let token = SessionCookies.refreshToken(in: request.headers) else {
                throw PlatformError(.unauthorized, "There is no session to end.")
            }
            try await accounts.logout(refreshToken: token)
        }
        var response = try Answer.success(["message": "Logged out."])
        cookies(context).clear(in: &response.headers)
        return response
    }

    private func cookies(_ context: AppContext) -> SessionCookies { SessionCookies(isSecure: isSecure || context.isEncrypted) }

    private func answer(_ pair: TokenPair, _ context: AppContext) async throws -> Response {
        var response = try await answer(pair.userID, pair.sessionID)
        cookies(context).set(pair, in: &response.headers)
        return response
    }

    private func answer(_ user: UserID, _ session: SessionID) async throws -> Response {
        let user = try await accounts.user(user)
        return try Answer.json(
            .object(["user": AccountBodies.user(user, limits: standards.limits(of: user)), "csrf_token": .string(rules.tokens.token(for: session))]))
    }
}
