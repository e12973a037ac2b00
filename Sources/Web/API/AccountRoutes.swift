internal import Access
internal import Domain
internal import HTTPTypes
internal import Hummingbird
internal import Wire

/// `/api/v1/auth`: registration, login, refresh, logout, sessions, me.
struct AccountRoutes {
    let accounts: AccountService
    let standards: AccountStandards

    func add(to group: RouterGroup<AppContext>) {
        group.post("register", use: register)
        group.post("login", use: login)
        group.post("refresh", use: refresh)
        group.post("logout", use: logout)
        group.post("logout-all", use: logoutEverywhere)
        group.get("sessions", use: sessions)
        group.delete("sessions/{session_id}", use: endSession)
        group.get("me", use: me)
        group.patch("me", use: updateProfile)
        group.post("me/password", use: changePassword)
    }

    @Sendable private func register(_ request: Request, _ context: AppContext) async throws -> Response {
        let body = try await request.json(AccountBodies.Registration.self)
        let user = try await accounts.register(email: body.email, username: body.username, password: body.password, invitation: body.invitation)
        return try answer(user, status: .created)
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

    @Sendable private func logoutEverywhere(_ request: Request, _ context: AppContext) async throws -> Response {
        let ended = try await accounts.logoutEverywhere(try context.principal)
        return try Answer.success(["message": "Logged out everywhere.", "sessions_ended": .int(ended)])
    }

    @Sendable private func sessions(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let sessions = try await accounts.sessions(of: principal)
        return try Answer.success([
            "data": .array(sessions.map { AccountBodies.session($0, isCurrent: principal.credential == .session($0.id)) }), "total": .int(sessions.count),
        ])
    }

    @Sendable private func endSession(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        try await accounts.end(try context.id("session_id", "session"), of: principal)
        return try Answer.success(["message": "The session has ended."])
    }

    @Sendable private func me(_ request: Request, _ context: AppContext) async throws -> Response {
        try answer(try await accounts.user(try context.principal.userID))
    }

    @Sendable private func updateProfile(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let body = try await request.json(AccountBodies.Profile.self)
        return try answer(try await accounts.updateProfile(principal, email: body.email, username: body.username, password: body.password))
    }

    @Sendable private func changePassword(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let body = try await request.json(AccountBodies.PasswordChange.self)
        try await accounts.changePassword(principal, from: body.old_password, to: body.new_password)
        return try Answer.success(["message": "The password was changed; every other session has ended."])
    }

    private func answer(_ user: User, status: HTTPResponse.Status = .ok) throws -> Response {
        try Answer.json(AccountBodies.user(user, limits: standards.limits(of: user)), status: status)
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
