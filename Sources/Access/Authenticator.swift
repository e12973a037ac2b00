package import Domain
internal import Synchronization

/// Finds out who makes a request, from a snapshot in memory: no database, no slow hash, no shared actor on this path.
package final class Authenticator: Sendable {
    private struct KeyEntry {
        let principal: Principal
        let hash: String
        let expiresAt: Timestamp?
    }

    private struct TokenEntry {
        let principal: Principal
        let expiresAt: Timestamp
    }

    private struct State {
        var keys: [String: KeyEntry] = [:]
        var tokens: [String: TokenEntry] = [:]
        var endedSessions: Set<SessionID> = []
        var uses: [KeyID: Timestamp] = [:]
    }

    private static let maximumTokens = 10_000
    private let tokens: AccessTokens
    private let clock: any WallClock
    private let state = Mutex(State())

    package init(tokens: AccessTokens, clock: any WallClock) {
        self.tokens = tokens
        self.clock = clock
    }

    /// Who holds `secret`: an API key (`mlp_…`) or an access token.
    /// - Throws: `unauthorized`.
    package func principal(for secret: String) async throws -> Principal {
        let now = clock.now
        let hash = SecretHash.hexadecimal(secret)
        if secret.hasPrefix(APIKeyService.prefix) {
            guard let principal = key(hash, now) else { throw Self.refused }
            return principal
        }
        if let principal = knownToken(hash, now) { return principal }
        guard let (principal, expiresAt) = await tokens.read(secret) else { throw Self.refused }
        return try remember(principal, hash, expiresAt)
    }

    /// Who holds `secret`, where that is known without reading a token: an API key, or a token that was read before.
    package func knownPrincipal(for secret: String) -> Principal? {
        let now = clock.now
        let hash = SecretHash.hexadecimal(secret)
        return secret.hasPrefix(APIKeyService.prefix) ? key(hash, now) : knownToken(hash, now)
    }

    // MARK: - Changes

    package func replaceKeys(_ keys: [(key: APIKey, user: User)]) {
        state.withLock { state in
            state.keys = Dictionary(keys.map { ($0.key.hash, Self.entry($0.key, $0.user)) }, uniquingKeysWith: { first, _ in first })
        }
    }

    package func add(_ key: APIKey, of user: User) {
        state.withLock { $0.keys[key.hash] = Self.entry(key, user) }
    }

    package func remove(_ key: APIKey) {
        state.withLock { $0.keys[key.hash] = nil }
    }

    package func end(_ sessions: [SessionID]) {
        state.withLock { state in
            state.endedSessions.formUnion(sessions)
            state.tokens = state.tokens.filter { entry in
                guard case .session(let session) = entry.value.principal.credential else { return true }
                return !sessions.contains(session)
            }
        }
    }

    /// When each key was used since the last call; written to the database in batches.
    package func takeUses() -> [KeyID: Timestamp] {
        state.withLock { state in
            defer { state.uses = [:] }
            return state.uses
        }
    }

    // MARK: - Reading

    private func key(_ hash: String, _ now: Timestamp) -> Principal? {
        state.withLock { state in
            guard let entry = state.keys[hash], SecretHash.areEqual(entry.hash, hash), entry.expiresAt.map({ $0 > now }) ?? true else { return nil }
            if case .apiKey(let id) = entry.principal.credential { state.uses[id] = now }
            return entry.principal
        }
    }

    private func knownToken(_ hash: String, _ now: Timestamp) -> Principal? {
        state.withLock { state in
            guard let entry = state.tokens[hash], entry.expiresAt > now else { return nil }
            return entry.principal
        }
    }

    private func remember(_ principal: Principal, _ hash: String, _ expiresAt: Timestamp) throws -> Principal {
        let now = clock.now
        return try state.withLock { state in
            if case .session(let session) = principal.credential, state.endedSessions.contains(session) { throw Self.refused }
            if state.tokens.count >= Self.maximumTokens { state.tokens = state.tokens.filter { $0.value.expiresAt > now } }
            if state.tokens.count < Self.maximumTokens { state.tokens[hash] = TokenEntry(principal: principal, expiresAt: expiresAt) }
            return principal
        }
    }

    private static func entry(_ key: APIKey, _ user: User) -> KeyEntry {
        KeyEntry(
            principal: Principal(userID: user.id, username: user.username, role: user.role, credential: .apiKey(key.id)),
            hash: key.hash, expiresAt: key.expiresAt
        )
    }

    private static var refused: PlatformError {
        PlatformError(.unauthorized, "The API key or token is not valid, has expired or was revoked.")
    }
}
