package import Domain

/// What a login or a refresh gives.
package struct TokenPair: Sendable {
    package let accessToken: String
    package let refreshToken: String
    package let expiresInSeconds: Int64
}

/// Accounts and logins.
package struct AccountService: Sendable {
    private static let refreshLifetimeSeconds: Int64 = 30 * 24 * 3600
    private let users: any UserRepository
    private let sessions: any SessionRepository
    private let hasher: PasswordHasher
    private let tokens: AccessTokens
    private let authenticator: Authenticator
    private let audit: any AuditRepository
    private let clock: any WallClock

    package init(
        users: any UserRepository, sessions: any SessionRepository, hasher: PasswordHasher, tokens: AccessTokens,
        authenticator: Authenticator, audit: any AuditRepository, clock: any WallClock
    ) {
        self.users = users
        self.sessions = sessions
        self.hasher = hasher
        self.tokens = tokens
        self.authenticator = authenticator
        self.audit = audit
        self.clock = clock
    }

    /// Makes an account.
    /// - Throws: `schemaViolation` naming each wrong field, `conflict` when email or name is taken.
    package func register(email: String, username: String, password: String, role: User.Role = .developer) async throws -> User {
        let email = email.lowercased()
        var faults: [FieldFault] = []
        if !Self.isEmail(email) { faults.append(FieldFault(pointer: "/email", message: "expected an email address")) }
        if !(1...64).contains(username.count) || username.contains(where: \.isNewline) {
            faults.append(FieldFault(pointer: "/username", message: "expected 1 to 64 characters"))
        }
        if !(10...256).contains(password.utf8.count) { faults.append(FieldFault(pointer: "/password", message: "expected 10 to 256 bytes")) }
        guard faults.isEmpty else { throw PlatformError.fields(faults) }
        let now = clock.now
        let user = User(id: UserID(at: now), email: email, username: username, role: role, createdAt: now)
        do {
            try await users.add(user, passwordHash: try await hasher.hash(password))
        } catch let error as PlatformError where error.code == .conflict {
            throw PlatformError(.conflict, "The email address or the user name is taken.")
        }
        try await record("user.registered", user.id)
        return user
    }

    /// - Throws: `unauthorized`, in the same words and time for an unknown account and a wrong password.
    package func login(email: String, password: String) async throws -> TokenPair {
        let found = try await users.credentials(of: email.lowercased())
        let isRight = try await hasher.verify(password, against: found?.passwordHash ?? Self.nobodysHash)
        guard let found, isRight, found.user.isActive else {
            try await record("login.failed", found?.user.id)
            throw PlatformError(.unauthorized, "The email address or the password is wrong.")
        }
        let now = clock.now
        let secret = SecretText.make(bytes: 32)
        let session = Session(
            id: SessionID(at: now), userID: found.user.id, tokenHash: SecretHash.hexadecimal(secret),
            expiresAt: now.adding(seconds: Self.refreshLifetimeSeconds), createdAt: now
        )
        try await sessions.add(session)
        try await record("login.succeeded", found.user.id)
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
            try await record("refresh_token.reused", nil, session)
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
        try await sessions.end(session, at: clock.now)
        authenticator.end([session])
        try await record("logout", principal.userID, session)
    }

    package func user(_ id: UserID) async throws -> User {
        guard let user = try await users.user(id) else { throw PlatformError.notFound("user", id.rawValue) }
        return user
    }

    private func pair(_ user: User, _ session: SessionID, _ secret: String) async throws -> TokenPair {
        TokenPair(
            accessToken: try await tokens.issue(for: user, session: session), refreshToken: secret,
            expiresInSeconds: AccessTokens.lifetimeSeconds
        )
    }

    /// - Parameter user: nil for an attempt on an account that does not exist.
    private func record(_ action: String, _ user: UserID?, _ session: SessionID? = nil) async throws {
        try await audit.append(
            AuditEntry(
                action: action, resourceType: session == nil ? "user" : "session", resourceID: session?.rawValue ?? user?.rawValue ?? "",
                userID: user, at: clock.now
            )
        )
    }

    private static func isEmail(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        return parts.count == 2 && !parts[0].isEmpty && parts[1].contains(".") && text.utf8.count <= 254
            && !text.contains { $0.isWhitespace || $0.isNewline } && !parts[1].hasPrefix(".") && !parts[1].hasSuffix(".")
    }

    private static var refused: PlatformError { PlatformError(.unauthorized, "The refresh token is not valid. hint: log in again.") }

    /// A hash of no password, so that an unknown account takes as long as a wrong password.
    private static let nobodysHash = "$argon2id$v=19$m=19456,t=2,p=1$bWFydGxldC1ub2JvZHkhIQ$Xk0d0X0lV7mYtE3o5cF8m3gL1Wb1n0m8v0eQxwJc3iQ"
}
