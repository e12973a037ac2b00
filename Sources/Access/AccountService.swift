package import Domain

/// What a login or a refresh gives.
package struct TokenPair: Sendable {
    package let accessToken: String
    package let refreshToken: String
    package let userID: UserID
    package let sessionID: SessionID
    package let expiresInSeconds: Int64
}

/// One's own account: registration, logins, profile, password.
package struct AccountService: Sendable {
    private static let refreshLifetimeSeconds: Int64 = 30 * 24 * 3600
    private let users: any UserRepository
    private let sessions: any SessionRepository
    private let invitations: any InvitationRepository
    private let hasher: PasswordHasher
    private let tokens: AccessTokens
    private let authenticator: Authenticator
    private let directory: AccessDirectory
    private let loginGuard: LoginGuard
    private let registration: RegistrationPolicy
    private let audit: any AuditRepository
    private let clock: any WallClock

    package init(
        users: any UserRepository, sessions: any SessionRepository, invitations: any InvitationRepository, hasher: PasswordHasher, tokens: AccessTokens,
        authenticator: Authenticator, directory: AccessDirectory, registration: RegistrationPolicy, audit: any AuditRepository, clock: any WallClock
    ) {
        self.users = users
        self.sessions = sessions
        self.invitations = invitations
        self.hasher = hasher
        self.tokens = tokens
        self.authenticator = authenticator
        self.directory = directory
        self.registration = registration
        self.audit = audit
        self.clock = clock
        loginGuard = LoginGuard(clock: clock)
    }

    // MARK: - Registration

    /// Makes an account for somebody who asks for one.
    /// - Throws: `forbidden` where registration is closed or needs an invitation; what ``add(_:password:)`` throws.
    package func register(email: String, username: String, password: String, invitation token: String?) async throws -> User {
        let invitation = try await invitation(token, for: email.lowercased())
        return try await add(email: email, username: username, password: password, role: invitation?.role ?? .developer, invitation: invitation?.id)
    }

    /// Makes an account.
    /// - Throws: `schemaViolation` naming each wrong field, `conflict` when email or name is taken.
    /// - Parameter maker: Who makes the account; nil: its own user.
    package func add(
        email: String, username: String, password: String, role: RoleName, invitation: InvitationID? = nil, by maker: UserID? = nil
    ) async throws -> User {
        let email = email.lowercased()
        try AccountRules.require(AccountRules.faults(email: email, username: username, password: password))
        let now = clock.now
        let user = User(id: UserID(at: now), email: email, username: username, role: role, createdAt: now)
        do {
            try await users.add(user, passwordHash: try await hasher.hash(password), invitation: invitation)
        } catch let error as PlatformError where error.code == .conflict {
            throw PlatformError(.conflict, "The email address or the user name is taken.")
        }
        try await audit.append(
            AuditEntry(
                action: maker == nil ? "user.registered" : "user.created", resourceType: "user", resourceID: user.id.rawValue, userID: maker ?? user.id,
                details: .object(["role": .string(role.rawValue)]), at: now))
        return user
    }

    private func invitation(_ token: String?, for email: String) async throws -> Invitation? {
        guard let token else {
            switch registration {
            case .open: return nil
            case .invitation: throw PlatformError(.forbidden, "An invitation is needed here. hint: send its token as 'invitation'.")
            case .closed: throw PlatformError(.forbidden, "Registration is closed here. hint: ask the operator for an account.")
            }
        }
        let refused = PlatformError(.forbidden, "The invitation is not valid, was used, or has expired.")
        guard registration != .closed, let invitation = try await invitations.invitation(hash: SecretHash.hexadecimal(token)), invitation.usedBy == nil,
            invitation.expiresAt > clock.now, invitation.email.map({ $0 == email }) ?? true,
            // Who invited must still be somebody who could.
            let role = directory.permissions(of: invitation.role), let inviter = try await directory.permissions(of: invitation.invitedBy),
            inviter.isSuperset(of: role.union(.manageUsers))
        else { throw refused }
        return invitation
    }

    // MARK: - Logins

    /// - Throws: `unauthorized`, in the same words and time for an unknown account and a wrong password; `rateLimited` after many failures.
    package func login(email: String, password: String) async throws -> TokenPair {
        let email = String(email.lowercased().prefix(254))
        let address = RequestOrigin.current?.address
        try loginGuard.attempt(account: email, address: address)
        let found = try await users.credentials(of: email)
        let isRight = try await hasher.verify(password, against: found?.passwordHash ?? Self.nobodysHash)
        guard let found, isRight, found.user.isActive else {
            try await record("login.failed", found?.user.id, nil)
            throw PlatformError(.unauthorized, "The email address or the password is wrong.")
        }
        loginGuard.succeeded(account: email, address: address)
        let now = clock.now
        let secret = SecretText.make(bytes: 32)
        let session = Session(
            id: SessionID(at: now), userID: found.user.id, tokenHash: SecretHash.hexadecimal(secret),
            expiresAt: now.adding(seconds: Self.refreshLifetimeSeconds), createdAt: now
        )
        try await sessions.add(session)
        try await record("login.succeeded", found.user.id, found.user.id, session: session.id)
        return try await pair(found.user, session.id, secret)
    }

    /// Trades a refresh token for the next pair. A token used twice ends its whole session: somebody has a copy.
    /// - Throws: `unauthorized`.
    package func refresh(_ token: String) async throws -> TokenPair {
        let now = clock.now
        let secret = SecretText.make(bytes: 32)
        let outcome = try await sessions.rotate(
            hash: SecretHash.hexadecimal(token), to: SecretHash.hexadecimal(secret),
            expiresAt: now.adding(seconds: Self.refreshLifetimeSeconds), now: now
        )
        switch outcome {
        case .rotated(let session):
            guard let user = try await users.user(session.userID), user.isActive else { throw Self.refused }
            return try await pair(user, session.id, secret)
        case .reused(let session):
            authenticator.end([session])
            try await record("refresh_token.reused", nil, nil, session: session)
            throw Self.refused
        case .unknown:
            throw Self.refused
        }
    }

    /// Ends the session that `principal` came with; its tokens are refused from now on.
    package func logout(_ principal: Principal) async throws {
        guard case .session(let session) = principal.credential else {
            throw PlatformError(.invalidInput, "An API key has no session to end. hint: DELETE /api/v1/api-keys/{id} revokes it.")
        }
        try await end(session, of: principal)
    }

    /// Ends the session that a refresh token belongs to.
    /// - Throws: `unauthorized`.
    package func logout(refreshToken: String) async throws {
        let session = try await refresh(refreshToken).sessionID
        try await sessions.end(session, at: clock.now)
        authenticator.end([session])
        try await record("logout", nil, nil, session: session)
    }

    /// Ends every session of the account.
    /// - Returns: How many.
    package func logoutEverywhere(_ principal: Principal) async throws -> Int {
        try principal.requireLogin()
        let ended = try await sessions.endAll(of: principal.userID, except: nil, at: clock.now)
        authenticator.end(ended)
        try await record("logout.everywhere", principal.userID, principal.userID)
        return ended.count
    }

    package func sessions(of principal: Principal) async throws -> [Session] {
        try principal.requireLogin()
        return try await sessions.sessions(of: principal.userID, at: clock.now)
    }

    /// - Throws: `notFound` also for a session of somebody else.
    package func end(_ session: SessionID, of principal: Principal) async throws {
        guard try await sessions(of: principal).contains(where: { $0.id == session }) else { throw PlatformError.notFound("session", session.rawValue) }
        try await sessions.end(session, at: clock.now)
        authenticator.end([session])
        try await record("logout", principal.userID, principal.userID, session: session)
    }

    // MARK: - Profile

    package func user(_ id: UserID) async throws -> User {
        guard let user = try await users.user(id) else { throw PlatformError.notFound("user", id.rawValue) }
        return user
    }

    /// Changes one's own name or address; the address only with the password.
    /// - Throws: `schemaViolation`, `conflict`, `forbidden` when the password is wrong.
    package func updateProfile(_ principal: Principal, email: String?, username: String?, password: String?) async throws -> User {
        try principal.requireLogin()
        var user = try await user(principal.userID)
        let before = user
        let email = email?.lowercased()
        try AccountRules.require(AccountRules.faults(email: email, username: username))
        if let email, email != user.email {
            try await verify(password, of: principal)
            user.email = email
        }
        user.username = username ?? user.username
        try await users.update(user, from: before)
        directory.forget(user.id)
        try await record("user.updated", user.id, user.id)
        return user
    }

    /// Changes one's own password; every other session ends.
    /// - Throws: `schemaViolation`, `forbidden` when the old one is wrong.
    package func changePassword(_ principal: Principal, from old: String, to new: String) async throws {
        try principal.requireLogin()
        try AccountRules.require(AccountRules.faults(password: new).map { FieldFault(pointer: "/new_password", message: $0.message) })
        try await verify(old, of: principal)
        try await users.setPasswordHash(try await hasher.hash(new), of: principal.userID)
        var kept: SessionID?
        if case .session(let session) = principal.credential { kept = session }
        authenticator.end(try await sessions.endAll(of: principal.userID, except: kept, at: clock.now))
        try await record("user.password_changed", principal.userID, principal.userID)
    }

    private func verify(_ password: String?, of principal: Principal) async throws {
        let account = principal.userID.rawValue
        let address = RequestOrigin.current?.address
        try loginGuard.attempt(account: account, address: address)
        guard let password, let hash = try await users.passwordHash(of: principal.userID), try await hasher.verify(password, against: hash) else {
            try await record("user.password_refused", principal.userID, principal.userID)
            throw PlatformError(.forbidden, "The password is wrong.")
        }
        loginGuard.succeeded(account: account, address: address)
    }

    private func pair(_ user: User, _ session: SessionID, _ secret: String) async throws -> TokenPair {
        TokenPair(
            accessToken: try await tokens.issue(for: user.id, session: session), refreshToken: secret, userID: user.id, sessionID: session,
            expiresInSeconds: AccessTokens.lifetimeSeconds
        )
    }

    /// - Parameter user: The account it is about; nil for an attempt on an account that does not exist.
    private func record(_ action: String, _ user: UserID?, _ actor: UserID?, session: SessionID? = nil) async throws {
        try await audit.append(
            AuditEntry(
                action: action, resourceType: session == nil ? "user" : "session", resourceID: session?.rawValue ?? user?.rawValue ?? "",
                userID: actor ?? user, at: clock.now
            )
        )
    }

    private static var refused: PlatformError { PlatformError(.unauthorized, "The refresh token is not valid. hint: log in again.") }

    /// A hash of no password, so that an unknown account takes as long as a wrong password.
    private static let nobodysHash = "$argon2id$v=19$m=19456,t=2,p=1$bWFydGxldC1ub2JvZHkhIQ$Xk0d0X0lV7mYtE3o5cF8m3gL1Wb1n0m8v0eQxwJc3iQ"
}
