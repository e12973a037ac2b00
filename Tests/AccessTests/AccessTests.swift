import Domain
import Testing
import TestSupport

@testable import Access

@Suite("Who may come in")
struct AccessTests {
    private let clock = ManualClock()

    @Test("argon2id hashes are salted and verify only their own password")
    func passwords() async throws {
        let hasher = PasswordHasher()
        let hash = try await hasher.hash("correct horse")
        #expect(hash.hasPrefix("$argon2id$v=19$m=19456,t=2,p=1$"))
        #expect(try await hasher.verify("correct horse", against: hash))
        #expect(try await !hasher.verify("wrong horse", against: hash))
        #expect(try await hasher.hash("correct horse") != hash)
    }

    @Test("Secrets are long, random and URL-safe")
    func secrets() {
        let secrets = (0..<100).map { _ in SecretText.make(bytes: 32) }
        #expect(Set(secrets).count == 100)
        #expect(secrets.allSatisfy { $0.count == 43 && $0.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") } })
        #expect(SecretHash.hexadecimal("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(SecretHash.areEqual("abc", "abc") && !SecretHash.areEqual("abc", "abd") && !SecretHash.areEqual("abc", "ab"))
    }

    private func person() -> User {
        User(id: UserID(at: clock.now), email: "a@example.com", username: "a", role: .developer, createdAt: clock.now)
    }

    @Test("A token is good for its time, for its key, and until its session ends")
    func tokens() async throws {
        let tokens = await AccessTokens(secret: Array(repeating: 7, count: 32), clock: clock)
        let session = SessionID(at: clock.now)
        let token = try await tokens.issue(for: person(), session: session)
        let authenticator = Authenticator(tokens: tokens, clock: clock)
        #expect(try await authenticator.principal(for: token).username == "a")
        let other = await AccessTokens(secret: Array(repeating: 8, count: 32), clock: clock)
        #expect(await other.read(token) == nil)
        let parts = token.split(separator: ".")
        await #expect(throws: PlatformError.self) { try await authenticator.principal(for: "eyJhbGciOiJub25lIn0.\(parts[1]).") }
        authenticator.end([session])
        await #expect(throws: PlatformError.self) { try await authenticator.principal(for: token) }
        let second = try await tokens.issue(for: person(), session: SessionID(at: clock.now))
        clock.advance(seconds: 15 * 60 + 1)
        await #expect(throws: PlatformError.self) { try await authenticator.principal(for: second) }
    }

    @Test("A key is good until it expires or is revoked")
    func keys() async throws {
        let authenticator = Authenticator(tokens: await AccessTokens(secret: Array(repeating: 7, count: 32), clock: clock), clock: clock)
        let key = APIKey(
            id: KeyID(at: clock.now), userID: UserID(at: clock.now), name: "k", hint: "mlp_", hash: SecretHash.hexadecimal("mlp_x"),
            expiresAt: clock.now.adding(seconds: 10), createdAt: clock.now
        )
        authenticator.add(key, of: person())
        #expect(try await authenticator.principal(for: "mlp_x").credential == .apiKey(key.id))
        #expect(authenticator.takeUses().keys.contains(key.id))
        await #expect(throws: PlatformError.self) { try await authenticator.principal(for: "mlp_y") }
        clock.advance(seconds: 11)
        await #expect(throws: PlatformError.self) { try await authenticator.principal(for: "mlp_x") }
        authenticator.remove(key)
    }

    enum Caller: CaseIterable, Sendable {
        case owner, admin, anybody
    }

    @Test("Every cell of the access matrix", arguments: ModelAccess.Action.allCases, Caller.allCases)
    func matrix(action: ModelAccess.Action, caller: Caller) {
        let owner = UserID(at: clock.now)
        let id = ModelID(at: clock.now)
        let principal = Principal(
            userID: caller == .owner ? owner : UserID(at: clock.now), username: "x", role: caller == .admin ? .admin : .developer,
            credential: .apiKey(KeyID(at: clock.now))
        )
        for isPublic in [true, false] {
            let isAllowed = caller != .anybody || (isPublic && (action == .view || action == .execute))
            #expect(ModelAccess.allows(action, ownerID: owner, isPublic: isPublic, to: principal) == isAllowed)
            guard !isAllowed else { continue }
            let error = #expect(throws: PlatformError.self) { try ModelAccess.require(action, on: id, ownerID: owner, isPublic: isPublic, by: principal) }
            #expect(error?.code == (isPublic ? .forbidden : .modelNotFound))
        }
    }

    @Test("A bucket empties, says when to come back, and fills evenly")
    func limits() throws {
        let limiter = RateLimiter(clock: clock)
        for _ in 0..<60 { try limiter.take("k", limitPerMinute: 60) }
        let error = #expect(throws: PlatformError.self) { try limiter.take("k", limitPerMinute: 60) }
        #expect(error?.code == .rateLimited && error?.retryAfterSeconds == 1)
        try limiter.take("other", limitPerMinute: 60)
        clock.advance(seconds: 2)
        try limiter.take("k", limitPerMinute: 60)
        try limiter.take("k", limitPerMinute: 60)
        #expect(throws: PlatformError.self) { try limiter.take("k", limitPerMinute: 60) }
    }
}
