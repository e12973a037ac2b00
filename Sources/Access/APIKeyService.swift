package import Domain

/// API keys: made, listed, renamed, revoked.
package struct APIKeyService: Sendable {
    /// What every key begins with.
    package static let prefix = "mlp_"
    private let keys: any APIKeyRepository
    private let authenticator: Authenticator
    private let mustExpire: Bool
    private let audit: any AuditRepository
    private let clock: any WallClock

    /// - Parameter mustExpire: Whether keys without an end are refused.
    package init(keys: any APIKeyRepository, authenticator: Authenticator, mustExpire: Bool, audit: any AuditRepository, clock: any WallClock) {
        self.keys = keys
        self.authenticator = authenticator
        self.mustExpire = mustExpire
        self.audit = audit
        self.clock = clock
    }

    /// Makes a key. Its secret is in the answer and nowhere else.
    /// - Parameters:
    ///   - expiresInDays: 1 to 365; nil: never.
    ///   - scope: Never more than what the caller may do.
    /// - Throws: `schemaViolation`, `forbidden`.
    package func make(name: String, expiresInDays: Int?, scope: KeyScope?, for principal: Principal) async throws -> (key: APIKey, secret: String) {
        try principal.require(.manageKeys)
        try Self.check(name)
        if let days = expiresInDays, !(1...365).contains(days) { throw PlatformError.field("/expires_in_days", "expected 1 to 365, found \(days)") }
        if expiresInDays == nil, mustExpire { throw PlatformError.field("/expires_in_days", "expected 1 to 365: keys without an end are not allowed here") }
        let scope = try Self.within(principal, scope)
        let now = clock.now
        var (parent, end) = (KeyID?.none, expiresInDays.map { now.adding(seconds: Int64($0) * 86_400) })
        if case .apiKey(let id) = principal.credential {
            parent = id
            if let last = try await key(id, of: principal).expiresAt { end = min(last, end ?? last) }
        }
        let secret = Self.prefix + SecretText.make(bytes: 32)
        let key = APIKey(
            id: KeyID(at: now), userID: principal.userID, name: name, hint: String(secret.prefix(8)), hash: SecretHash.hexadecimal(secret), parentID: parent,
            scope: scope, expiresAt: end, createdAt: now
        )
        try await keys.add(key)
        authenticator.add(key)
        try await record("api_key.created", key, principal)
        return (key, secret)
    }

    /// A key made with a key is cut down at least as far as the one it was made with.
    private static func within(_ principal: Principal, _ scope: KeyScope?) throws -> KeyScope? {
        guard let own = principal.scope else { return scope }
        guard !own.isMetered, own.requestsPerMinute == nil else {
            throw PlatformError(.forbidden, "A key with a budget or a limit of its own makes no other keys.")
        }
        var scope = scope ?? own
        scope.permissions = (scope.permissions ?? principal.permissions).intersection(principal.permissions)
        scope.models = intersection(scope.models, own.models)
        scope.versions = intersection(scope.versions, own.versions)
        scope.aliases = intersection(scope.aliases, own.aliases)
        if let addresses = own.addresses {
            guard scope.addresses == nil || scope.addresses == addresses else {
                throw PlatformError.field("/allowed_addresses", "a key made with a key has the same addresses")
            }
            scope.addresses = addresses
        }
        return scope
    }

    private static func intersection<Element>(_ left: Set<Element>?, _ right: Set<Element>?) -> Set<Element>? {
        guard let left, let right else { return left ?? right }
        return left.intersection(right)
    }

    package func list(of principal: Principal) async throws -> [APIKey] {
        try principal.require(.manageKeys)
        return try await keys.keys(of: principal.userID)
    }

    /// - Throws: `notFound` also for a key of somebody else.
    package func key(_ id: KeyID, of principal: Principal) async throws -> APIKey {
        try principal.require(.manageKeys)
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

    /// Refused from now on, and so is every key that was made with it; the rows stay for the record.
    package func revoke(_ id: KeyID, by principal: Principal) async throws {
        let key = try await key(id, of: principal)
        for ended in try await keys.revoke(key.id) {
            authenticator.remove(ended)
            try await record("api_key.revoked", ended, principal)
        }
    }

    private func record(_ action: String, _ key: APIKey, _ principal: Principal) async throws {
        try await audit.append(AuditEntry(action: action, resourceType: "api_key", resourceID: key.id.rawValue, userID: principal.userID, at: clock.now))
    }

    private static func check(_ name: String) throws {
        guard name.isLine(upTo: 100) else { throw PlatformError.field("/name", "expected 1 to 100 characters in one line") }
    }
}
