package import Domain
internal import Synchronization

/// Finds out who makes a request, from a snapshot in memory: no database, no slow hash, no shared actor on this path.
package final class Authenticator: Sendable {
    private struct KeyEntry {
        let id: KeyID
        let userID: UserID
        let scope: KeyScope?
        let expiresAt: Timestamp?
        let use = KeyUse()
    }

    /// When a key was used last; 0 when it was not since that was written down.
    private final class KeyUse: Sendable {
        let milliseconds = Atomic<Int64>(0)
    }

    private struct TokenEntry {
        let userID: UserID
        let session: SessionID
        let expiresAt: Timestamp
    }

    private struct State {
        var keys: [SecretDigest: KeyEntry] = [:]
        var tokens: [SecretDigest: TokenEntry] = [:]
        var endedSessions: Set<SessionID> = []
        /// Keys that were used since that was written down.
        var uses: [(id: KeyID, use: KeyUse)] = []
    }

    /// What a secret proves.
    private struct Proof {
        let userID: UserID
        let credential: Principal.Credential
        var scope: KeyScope?
    }

    private static let maximumTokens = 10_000
    private let directory: AccessDirectory
    private let tokens: AccessTokens
    private let clock: any WallClock
    private let state = Mutex(State())

    package init(directory: AccessDirectory, tokens: AccessTokens, clock: any WallClock) {
        self.directory = directory
        self.tokens = tokens
        self.clock = clock
    }

    /// Who holds `secret`: an API key (`mlp_…`) or an access token.
    /// - Throws: `unauthorized`; `forbidden` for a key that may not be used from `address`.
    package func principal(for secret: String, from address: String?) async throws -> Principal {
        let proof = try await proof(of: secret)
        guard let principal = try await directory.principal(proof.userID, proof.credential, proof.scope) else { throw Self.refused }
        guard Self.mayCome(from: address, proof.scope) else {
            throw PlatformError(.forbidden, "The API key may not be used from this address.")
        }
        return principal
    }

    /// The same where it is known without reading a token or an account; nil also for every refusal.
    package func knownPrincipal(for secret: String, from address: String?) -> Principal? {
        let now = clock.now
        let digest = SecretDigest(of: secret)
        guard let proof = secret.hasPrefix(APIKeyService.prefix) ? key(digest, now) : knownToken(digest, now), Self.mayCome(from: address, proof.scope) else {
            return nil
        }
        return directory.knownPrincipal(proof.userID, proof.credential, proof.scope)
    }

    // MARK: - Changes

    package func replaceKeys(_ keys: [APIKey]) {
        let entries = Dictionary(keys.compactMap { key in SecretDigest(hexadecimal: key.hash).map { ($0, Self.entry(key)) } }, uniquingKeysWith: { first, _ in first })
        state.withLock { $0.keys = entries }
    }

    package func add(_ key: APIKey) {
        guard let digest = SecretDigest(hexadecimal: key.hash) else { return }
        state.withLock { $0.keys[digest] = Self.entry(key) }
    }

    package func remove(_ key: APIKey) {
        guard let digest = SecretDigest(hexadecimal: key.hash) else { return }
        state.withLock { $0.keys[digest] = nil }
    }

    /// Every key of an account that ended.
    package func removeKeys(of user: UserID) {
        state.withLock { state in state.keys = state.keys.filter { $0.value.userID != user } }
    }

    package func end(_ sessions: [SessionID]) {
        let sessions = Set(sessions)
        state.withLock { state in
            state.endedSessions.formUnion(sessions)
            state.tokens = state.tokens.filter { !sessions.contains($0.value.session) }
        }
    }

    /// When each key was used since the last call; written to the database in batches.
    package func takeUses() -> [KeyID: Timestamp] {
        let uses = state.withLock { state in
            defer { state.uses = [] }
            return state.uses
        }
        return Dictionary(
            uses.map { ($0.id, Timestamp(milliseconds: $0.use.milliseconds.exchange(0, ordering: .relaxed))) }, uniquingKeysWith: max)
    }

    // MARK: - Reading

    private func proof(of secret: String) async throws -> Proof {
        let now = clock.now
        let digest = SecretDigest(of: secret)
        if secret.hasPrefix(APIKeyService.prefix) {
            guard let proof = key(digest, now) else { throw Self.refused }
            return proof
        }
        if let proof = knownToken(digest, now) { return proof }
        guard let claims = await tokens.read(secret) else { throw Self.refused }
        return try remember(claims, digest)
    }

    private func key(_ digest: SecretDigest, _ now: Timestamp) -> Proof? {
        state.withLock { state in
            guard let entry = state.keys[digest], entry.expiresAt.map({ $0 > now }) ?? true else { return nil }
            if entry.use.milliseconds.exchange(now.milliseconds, ordering: .relaxed) == 0 { state.uses.append((entry.id, entry.use)) }
            return Proof(userID: entry.userID, credential: .apiKey(entry.id), scope: entry.scope)
        }
    }

    private func knownToken(_ digest: SecretDigest, _ now: Timestamp) -> Proof? {
        state.withLock { state in
            guard let entry = state.tokens[digest], entry.expiresAt > now else { return nil }
            return Proof(userID: entry.userID, credential: .session(entry.session))
        }
    }

    private func remember(_ claims: AccessTokens.Claims, _ digest: SecretDigest) throws -> Proof {
        let now = clock.now
        return try state.withLock { state in
            if state.endedSessions.contains(claims.session) { throw Self.refused }
            if state.tokens.count >= Self.maximumTokens { state.tokens = state.tokens.filter { $0.value.expiresAt > now } }
            if state.tokens.count < Self.maximumTokens {
                state.tokens[digest] = TokenEntry(userID: claims.userID, session: claims.session, expiresAt: claims.expiresAt)
            }
            return Proof(userID: claims.userID, credential: .session(claims.session))
        }
    }

    private static func mayCome(from address: String?, _ scope: KeyScope?) -> Bool {
        guard let addresses = scope?.addresses else { return true }
        return address.map { address in addresses.contains { $0.contains(address) } } ?? false
    }

    private static func entry(_ key: APIKey) -> KeyEntry {
        KeyEntry(id: key.id, userID: key.userID, scope: key.scope, expiresAt: key.expiresAt)
    }

    private static var refused: PlatformError {
        PlatformError(.unauthorized, "The API key or token is not valid, has expired or was revoked.")
    }
}
