package import Domain

/// API keys: made, listed, renamed, revoked.
package struct APIKeyService: Sendable {
    /// What every key begins with.
    package static let prefix = "mlp_"
    private let keys: any APIKeyRepository
    private let users: any UserRepository
    private let authenticator: Authenticator
    private let audit: any AuditRepository
    private let clock: any WallClock

    package init(
        keys: any APIKeyRepository, users: any UserRepository, authenticator: Authenticator, audit: any AuditRepository,
        clock: any WallClock
    ) {
        self.keys = keys
        self.users = users
        self.authenticator = authenticator
        self.audit = audit
        self.clock = clock
    }

    /// Makes a key. Its secret is in the answer and nowhere else.
    /// - Parameter expiresInDays: 1 to 365; nil: never.
    /// - Throws: `schemaViolation`.
    package func make(name: String, expiresInDays: Int?, for principal: Principal) async throws -> (key: APIKey, secret: String) {
        try Self.check(name)
        if let days = expiresInDays, !(1...365).contains(days) { throw PlatformError.field("/expires_in_days", "expected 1 to 365, found \(days)") }
        guard let user = try await users.user(principal.userID) else { throw PlatformError(.unauthorized, "The account is gone.") }
        let now = clock.now
        let secret = Self.prefix + SecretText.make(bytes: 32)
        let key = APIKey(
            id: KeyID(at: now), userID: user.id, name: name, hint: String(secret.prefix(8)), hash: SecretHash.hexadecimal(secret),
            expiresAt: expiresInDays.map { now.adding(seconds: Int64($0) * 86_400) }, createdAt: now
        )
        try await keys.add(key)
        authenticator.add(key, of: user)
        try await record("api_key.created", key, principal)
        return (key, secret)
    }

    package func list(of principal: Principal) async throws -> [APIKey] {
        try await keys.keys(of: principal.userID)
    }

    /// - Throws: `notFound` also for a key of somebody else.
    package func key(_ id: KeyID, of principal: Principal) async throws -> APIKey {
        guard let key = try await keys.key(id), key.userID == principal.userID else { throw PlatformError.notFound("API key", id.rawValue) }
        return key
    }

    package func rename(_ id: KeyID, to name: String, by principal: Principal) async throws -> APIKey {
        try Self.check(name)
        var key = try await key(id, of: principal)
        key.name = name
        try await keys.update(key)
        try await record("api_key.renamed", key, principal)
        return key
    }

    /// Refused from now on; the row stays for the record.
    package func revoke(_ id: KeyID, by principal: Principal) async throws {
        var key = try await key(id, of: principal)
        key.isActive = false
        try await keys.update(key)
        authenticator.remove(key)
        try await record("api_key.revoked", key, principal)
    }

    private func record(_ action: String, _ key: APIKey, _ principal: Principal) async throws {
        try await audit.append(AuditEntry(action: action, resourceType: "api_key", resourceID: key.id.rawValue, userID: principal.userID, at: clock.now))
    }

    private static func check(_ name: String) throws {
        guard (1...100).contains(name.count) else { throw PlatformError.field("/name", "expected 1 to 100 characters") }
    }
}
