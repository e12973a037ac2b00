package import Domain

/// What an administrator may change about an account; nil leaves it as it is.
package struct UserChange: Sendable {
    package var email: String?
    package var username: String?
    package var role: String?
    package var subscription: User.Subscription?
    package var isActive: Bool?
    package var limits: AccountLimits?

    package init() {}
}

/// The accounts of others: made, changed, switched off, closed. All of it needs `users:manage`.
package struct UserAdministration: Sendable {
    private let users: any UserRepository
    private let sessions: any SessionRepository
    private let roles: RoleService
    private let accounts: AccountService
    private let hasher: PasswordHasher
    private let authenticator: Authenticator
    private let directory: AccessDirectory
    private let audit: any AuditRepository
    private let clock: any WallClock

    package init(
        users: any UserRepository, sessions: any SessionRepository, roles: RoleService, accounts: AccountService, hasher: PasswordHasher,
        authenticator: Authenticator, directory: AccessDirectory, audit: any AuditRepository, clock: any WallClock
    ) {
        self.users = users
        self.sessions = sessions
        self.roles = roles
        self.accounts = accounts
        self.hasher = hasher
        self.authenticator = authenticator
        self.directory = directory
        self.audit = audit
        self.clock = clock
    }

    package func list(_ query: UserQuery, for principal: Principal) async throws -> (users: [User], total: Int) {
        try principal.require(.manageUsers)
        return try await users.users(query)
    }

    package func user(_ id: UserID, for principal: Principal) async throws -> User {
        try principal.require(.manageUsers)
        return try await accounts.user(id)
    }

    package func add(email: String, username: String, password: String, role: String?, by principal: Principal) async throws -> User {
        try principal.require(.manageUsers)
        try principal.requireLogin()
        let role = try await roles.role(named: role ?? RoleName.developer.rawValue)
        try requireNoMore(than: principal, role.permissions)
        return try await accounts.add(email: email, username: username, password: password, role: role.name, by: principal.userID)
    }

    /// - Throws: `schemaViolation`, `conflict` when a name is taken or the last admin would go, `forbidden` for an account or role that may more
    ///   than the caller.
    package func update(_ id: UserID, _ change: UserChange, by principal: Principal) async throws -> User {
        var user = try await changeable(id, by: principal)
        let before = user
        try AccountRules.require(AccountRules.faults(email: change.email?.lowercased(), username: change.username))
        user.email = change.email?.lowercased() ?? user.email
        user.username = change.username ?? user.username
        user.subscription = change.subscription ?? user.subscription
        user.isActive = change.isActive ?? user.isActive
        user.limits = change.limits ?? user.limits
        if let name = change.role {
            let role = try await roles.role(named: name)
            try requireNoMore(than: principal, role.permissions)
            user.role = role.name
        }
        try await users.update(user, from: before)
        if !user.isActive { authenticator.end(try await sessions.endAll(of: id, except: nil, at: clock.now)) }
        directory.forget(id)
        try await record("user.updated", id, principal, Self.difference(before, user))
        return user
    }

    /// Sets a new password; every session of the account ends.
    package func setPassword(_ password: String, of id: UserID, by principal: Principal) async throws {
        _ = try await changeable(id, by: principal)
        guard id != principal.userID else { throw PlatformError(.conflict, "Your own password is changed with the old one: POST /api/v1/auth/me/password.") }
        try AccountRules.require(AccountRules.faults(password: password))
        try await users.setPasswordHash(try await hasher.hash(password), of: id)
        authenticator.end(try await sessions.endAll(of: id, except: nil, at: clock.now))
        try await record("user.password_set", id, principal)
    }

    /// Closes an account for good.
    /// - Parameter heir: Who gets its models.
    /// - Returns: The models that were handed over.
    /// - Throws: `conflict` when it owns models and there is no heir, or is the last admin.
    package func close(_ id: UserID, heir: UserID?, by principal: Principal) async throws -> [ModelID] {
        let user = try await changeable(id, by: principal)
        if let heir {
            guard heir != id, let found = try await users.user(heir), found.isActive else {
                throw PlatformError.field("/transfer_to", "expected the id of another active account")
            }
        }
        let (ended, models) = try await users.close(user, heir: heir, at: clock.now)
        authenticator.end(ended)
        authenticator.removeKeys(of: id)
        directory.forget(id)
        try await record("user.closed", id, principal, ["transferred_to": heir.map { .string($0.rawValue) } ?? .null, "models": .int(models.count)])
        return models
    }

    // MARK: - Rules

    private func changeable(_ id: UserID, by principal: Principal) async throws -> User {
        try principal.require(.manageUsers)
        try principal.requireLogin()
        let user = try await accounts.user(id)
        try requireNoMore(than: principal, directory.permissions(of: user.role) ?? [])
        return user
    }

    /// Nobody raises somebody above themselves, or changes who stands above them.
    private func requireNoMore(than principal: Principal, _ permissions: Permissions) throws {
        let more = permissions.subtracting(principal.permissions)
        guard more.isEmpty else {
            throw PlatformError(.forbidden, "The account or role may more than you: \(more.names.joined(separator: ", ")).")
        }
    }

    private static func difference(_ before: User, _ after: User) -> [String: JSONValue] {
        func members(_ user: User) -> [String: JSONValue] {
            [
                "email": .string(user.email), "username": .string(user.username), "role": .string(user.role.rawValue),
                "subscription": .string(user.subscription.rawValue), "is_active": .bool(user.isActive), "limits": .string("\(user.limits)"),
            ]
        }
        return AuditEntry.difference(members(before), members(after))
    }

    private func record(_ action: String, _ id: UserID, _ principal: Principal, _ details: [String: JSONValue] = [:]) async throws {
        try await audit.append(
            AuditEntry(
                action: action, resourceType: "user", resourceID: id.rawValue, userID: principal.userID, details: details.isEmpty ? nil : .object(details),
                at: clock.now))
    }
}
