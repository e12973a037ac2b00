/// Accounts.
package protocol UserRepository: Sendable {
    /// - Throws: `conflict` when the email or the name is taken.
    func add(_ user: User, passwordHash: String) async throws
    func user(_ id: UserID) async throws -> User?
    /// The account of `email` (lower case) and its password hash.
    func credentials(of email: String) async throws -> (user: User, passwordHash: String)?
    func count() async throws -> Int
}

/// Logins and their refresh tokens.
package protocol SessionRepository: Sendable {
    func add(_ session: Session) async throws
    /// Trades the token of `hash` for `newHash`, in one transaction.
    func rotate(hash: String, to newHash: String, expiresAt: Timestamp, now: Timestamp) async throws -> RefreshOutcome
    func end(_ id: SessionID, at now: Timestamp) async throws
    /// Sessions ended since `moment`: their access tokens may not have expired yet.
    func ended(since moment: Timestamp) async throws -> [SessionID]
}

/// API keys.
package protocol APIKeyRepository: Sendable {
    func add(_ key: APIKey) async throws
    func keys(of user: UserID) async throws -> [APIKey]
    func key(_ id: KeyID) async throws -> APIKey?
    func update(_ key: APIKey) async throws
    /// Every key that is not revoked, with its account, for the snapshot that requests are checked against.
    func activeKeys() async throws -> [(key: APIKey, user: User)]
    func touch(_ uses: [KeyID: Timestamp]) async throws
}

/// The audit log: append only.
package protocol AuditRepository: Sendable {
    func append(_ entry: AuditEntry) async throws
}
