package import Domain
internal import Synchronization

/// Finds out who makes a request, from a snapshot in memory: no database, no slow hash, no shared actor on this path.
package final class Authenticator: Sendable {
    private struct KeyEntry {
        let id: KeyID
        let userID: UserID
        let hash: String
        let scope: KeyScope?
        let expiresAt: Timestamp?
    }

    private struct TokenEntry {
        let userID: UserID
        let session: SessionID
        let expiresAt: Timestamp
    }

    private struct State {
        var keys: [String: KeyEntry] = [:]
        var tokens: [String: TokenEntry] = [:]
        var endedSessions: Set<SessionID> = []
        var uses: [KeyID: Timestamp] = [:]
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
        let hash = SecretHash.hexadecimal(secret)
        guard let proof = secret.hasPrefix(APIKeyService.prefix) ? key(hash, now) : knownToken(hash, now), Self.mayCome(from: address, proof.scope) else {
            return nil
        }
        return directory.knownPrincipal(proof.userID, proof.credential, proof.scope)
    }

    // MARK: - Changes

    package func replaceKeys(_ keys: [APIKey]) {
        let entries = Dictionary(keys.map { ($0.hash, Self.entry($0)) }, uniquingKeysWith: { first, _ in first })
        state.withLock { $0.keys = entries }
    }

    package func add(_ key: APIKey) {
        state.withLock { $0.keys[key.hash] = Self.entry(key) }
    }

    package func remove(_ key: APIKey) {
        state.withLock { $0.keys[key.hash] = nil }
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
        state.withLock { state in
            defer { state.uses = [:] }
            return state.uses
        }
    }

    // MARK: - Reading

    private func proof(of secret: String) async throws -> Proof {
        let now = clock.now
        let hash = SecretHash.hexadecimal(secret)
        if secret.hasPrefix(APIKeyService.prefix) {
            guard let proof = key(hash, now) else { throw Self.refused }
            return proof
        }
        if let proof = knownToken(hash, now) { return proof }
        guard let claims = await tokens.read(secret) else { throw Self.refused }
        return try remember(claims, hash)
    }

    private func key(_ hash: String, _ now: Timestamp) -> Proof? {
        state.withLock { state in
            guard let entry = state.keys[hash], SecretHash.areEqual(entry.hash, hash), entry.expiresAt.map({ $0 > now }) ?? true else { return nil }
            state.uses[entry.id] = now
            return Proof(userID: entry.userID, credential: .apiKey(entry.id), scope: entry.scope)
        }
    }

    private func knownToken(_ hash: String, _ now: Timestamp) -> Proof? {
        state.withLock { state in
            guard let entry = state.tokens[hash], entry.expiresAt > now else { return nil }
            return Proof(userID: entry.userID, credential: .session(entry.session))
        }
    }

    private func remember(_ claims: AccessTokens.Claims, _ hash: String) throws -> Proof {
        let now = clock.now
        return try state.withLock { state in
            if state.endedSessions.contains(claims.session) { throw Self.refused }
            if state.tokens.count >= Self.maximumTokens { state.tokens = state.tokens.filter { $0.value.expiresAt > now } }
            if state.tokens.count < Self.maximumTokens {
                state.tokens[hash] = TokenEntry(userID: claims.userID, session: claims.session, expiresAt: claims.expiresAt)
            }
            return Proof(userID: claims.userID, credential: .session(claims.session))
        }
    }

    private static func mayCome(from address: String?, _ scope: KeyScope?) -> Bool {
        guard let addresses = scope?.addresses else { return true }
        return address.map { address in addresses.contains { $0.contains(address) } } ?? false
    }

    private static func entry(_ key: APIKey) -> KeyEntry {
        KeyEntry(id: key.id, userID: key.userID, hash: key.hash, scope: key.scope, expiresAt: key.expiresAt)
    }

    private static var refused: PlatformError {
        PlatformError(.unauthorized, "The API key or token is not valid, has expired or was revoked.")
    }
}
