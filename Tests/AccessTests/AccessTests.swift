import Database
import Domain
import Logging
import Foundation
import Store
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

    /// The services over a real database.
    private func services(_ policy: AccessPolicy = AccessPolicy()) async throws -> (access: AccessServices, stores: AccessStores) {
        let database = try SQLiteDatabase(path: FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).sqlite").path)
        try await Migrator(Schema.migrations).migrate(database, at: clock.now)
        let stores = AccessStores(
            users: SQLUserRepository(database), sessions: SQLSessionRepository(database), roles: SQLRoleRepository(database),
            groups: SQLGroupRepository(database), invitations: SQLInvitationRepository(database), keys: SQLAPIKeyRepository(database),
            audit: SQLAuditRepository(database, key: [1, 2, 3]))
        let keys = [AccessTokens.Key(id: "1", secret: Array(repeating: 7, count: 32))]
        return (await AccessServices(stores, tokenKeys: keys, policy: policy, clock: clock, logger: Logger(label: "test")), stores)
    }

    private func add(_ name: String, _ role: RoleName, _ access: AccessServices) async throws -> (user: User, principal: Principal) {
        let user = try await access.accounts.add(email: "\(name)@example.com", username: name, password: "a long password", role: role)
        let pair = try await access.accounts.login(email: user.email, password: "a long password")
        return (user, try await access.authenticator.principal(for: pair.accessToken, from: nil))
    }

    @Test("A token is good for its time, for its key, and until its session ends")
    func tokens() async throws {
        let (access, _) = try await services()
        _ = try await add("a", .developer, access)
        let token = try await access.accounts.login(email: "A@example.com", password: "a long password").accessToken
        let principal = try await access.authenticator.principal(for: token, from: nil)
        #expect(principal.username == "a" && principal.may(.uploadModels) && !principal.may(.manageUsers))
        let other = await AccessTokens(keys: [AccessTokens.Key(id: "1", secret: Array(repeating: 8, count: 32))], clock: clock)
        #expect(await other.read(token) == nil)
        let parts = token.split(separator: ".")
        await #expect(throws: PlatformError.self) { try await access.authenticator.principal(for: "eyJhbGciOiJub25lIn0.\(parts[1]).", from: nil) }
        try await access.accounts.logout(principal)
        await #expect(throws: PlatformError.self) { try await access.authenticator.principal(for: token, from: nil) }
        let second = try await access.accounts.login(email: "a@example.com", password: "a long password").accessToken
        clock.advance(seconds: 15 * 60 + 1)
        await #expect(throws: PlatformError.self) { try await access.authenticator.principal(for: second, from: nil) }
    }

    @Test("A new key signs, and what the old one signed is still good")
    func keyRotation() async throws {
        let old = AccessTokens.Key(id: "1", secret: Array(repeating: 7, count: 32))
        let new = AccessTokens.Key(id: "2", secret: Array(repeating: 9, count: 32))
        let (user, session) = (UserID(at: clock.now), SessionID(at: clock.now))
        let token = try await AccessTokens(keys: [old], clock: clock).issue(for: user, session: session)
        let both = await AccessTokens(keys: [new, old], clock: clock)
        #expect(await both.read(token)?.session == session)
        let second = try await both.issue(for: user, session: session)
        #expect(await AccessTokens(keys: [new], clock: clock).read(second)?.userID == user)
        #expect(await AccessTokens(keys: [old], clock: clock).read(second) == nil)
    }

    @Test("A key is good until it expires or is revoked, from its addresses, for what it was cut down to")
    func keys() async throws {
        let (access, _) = try await services()
        let (_, owner) = try await add("a", .developer, access)
        let scope = KeyScope(permissions: [.executeModels, .manageUsers], addresses: [try #require(AddressRange("10.0.0.0/8"))])
        let (key, secret) = try await access.keys.make(name: "k", expiresInDays: 1, scope: scope, for: owner)
        let principal = try await access.authenticator.principal(for: secret, from: "10.1.2.3")
        #expect(principal.credential == .apiKey(key.id) && principal.permissions == [.executeModels])
        #expect(access.authenticator.takeUses().keys.contains(key.id))
        #expect(access.authenticator.knownPrincipal(for: secret, from: "10.1.2.3") != nil)
        for address in ["11.1.2.3", "::1", nil] {
            #expect(access.authenticator.knownPrincipal(for: secret, from: address) == nil)
            let error = await #expect(throws: PlatformError.self) { try await access.authenticator.principal(for: secret, from: address) }
            #expect(error?.code == .forbidden)
        }
        await #expect(throws: PlatformError.self) { try await access.keys.make(name: "n", expiresInDays: nil, scope: nil, for: principal) }
        await #expect(throws: PlatformError.self) { try await access.authenticator.principal(for: secret + "x", from: "10.1.2.3") }
        clock.advance(seconds: 86_401)
        await #expect(throws: PlatformError.self) { try await access.authenticator.principal(for: secret, from: "10.1.2.3") }
    }

    @Test("A role that changes, and an account that is switched off or closed, count at once")
    func changes() async throws {
        let (access, _) = try await services()
        let (_, admin) = try await add("root", .admin, access)
        let (user, principal) = try await add("a", .developer, access)
        let (_, secret) = try await access.keys.make(name: "k", expiresInDays: nil, scope: nil, for: principal)
        func current() async throws -> Principal { try await access.authenticator.principal(for: secret, from: nil) }
        let role = try await access.roles.add(name: "caller", description: "", permissions: ["models:execute"], by: admin)
        var change = UserChange()
        change.role = role.name.rawValue
        _ = try await access.administration.update(user.id, change, by: admin)
        #expect(try await current().permissions == [.executeModels])
        _ = try await access.roles.update("caller", description: nil, permissions: ["models:read"], by: admin)
        #expect(try await current().permissions == [.readModels])
        let inUse = await #expect(throws: PlatformError.self) { try await access.roles.remove("caller", by: admin) }
        #expect(inUse?.code == .conflict)
        change = UserChange()
        change.isActive = false
        _ = try await access.administration.update(user.id, change, by: admin)
        await #expect(throws: PlatformError.self) { try await current() }
        change.isActive = true
        _ = try await access.administration.update(user.id, change, by: admin)
        #expect(try await current().userID == user.id)
        _ = try await access.administration.close(user.id, heir: nil, by: admin)
        await #expect(throws: PlatformError.self) { try await current() }
        // The address is free again.
        _ = try await add("a", .viewer, access)
    }

    @Test("Nobody raises somebody above themselves, and the last admin stays")
    func escalation() async throws {
        let (access, _) = try await services()
        let (root, admin) = try await add("root", .admin, access)
        _ = try await access.roles.add(name: "clerk", description: "", permissions: ["users:manage"], by: admin)
        let (user, _) = try await add("a", .developer, access)
        let (_, clerk) = try await add("clerk", try #require(RoleName("clerk")), access)
        var change = UserChange()
        change.role = "admin"
        for (id, wanted) in [(user.id, change), (root.id, UserChange())] {
            let error = await #expect(throws: PlatformError.self) { try await access.administration.update(id, wanted, by: clerk) }
            #expect(error?.code == .forbidden)
        }
        await #expect(throws: PlatformError.self) { try await access.roles.add(name: "more", description: "", permissions: ["audit:read"], by: clerk) }
        await #expect(throws: PlatformError.self) { try await access.invitations.add(email: nil, role: "admin", expiresInDays: nil, by: clerk) }
        let last = await #expect(throws: PlatformError.self) { try await access.administration.close(root.id, heir: nil, by: admin) }
        #expect(last?.code == .conflict)
    }

    @Test("An invitation makes one account, of its role, for its address, in its time")
    func invitations() async throws {
        let (access, _) = try await services(AccessPolicy(registration: .invitation))
        let (_, admin) = try await add("root", .admin, access)
        await #expect(throws: PlatformError.self) {
            try await access.accounts.register(email: "x@example.com", username: "x", password: "a long password", invitation: nil)
        }
        let (_, token) = try await access.invitations.add(email: "x@example.com", role: "viewer", expiresInDays: 1, by: admin)
        await #expect(throws: PlatformError.self) {
            try await access.accounts.register(email: "y@example.com", username: "y", password: "a long password", invitation: token)
        }
        let user = try await access.accounts.register(email: "X@example.com", username: "x", password: "a long password", invitation: token)
        #expect(user.role == .viewer)
        await #expect(throws: PlatformError.self) {
            try await access.accounts.register(email: "x2@example.com", username: "x2", password: "a long password", invitation: token)
        }
        let (_, late) = try await access.invitations.add(email: nil, role: nil, expiresInDays: 1, by: admin)
        clock.advance(seconds: 86_401)
        await #expect(throws: PlatformError.self) {
            try await access.accounts.register(email: "z@example.com", username: "z", password: "a long password", invitation: late)
        }
    }

    @Test("Failed logins make the next one wait, longer each time, also for accounts that are not there")
    func loginGuard() throws {
        for account in ["a@example.com", "nobody@example.com"] {
            let guardian = LoginGuard(clock: clock)
            for _ in 0..<5 { try guardian.attempt(account: account, address: "2001:db8::1") }
            var waits: [Int] = []
            for _ in 0..<3 {
                // A neighbour in the same network of IPv6 is the same caller.
                let error = #expect(throws: PlatformError.self) { try guardian.attempt(account: account, address: "2001:db8::2") }
                waits.append(error?.retryAfterSeconds ?? 0)
                try guardian.attempt(account: account, address: "10.0.0.2")
                guardian.succeeded(account: account, address: "10.0.0.2")
                clock.advance(seconds: Int64(waits.last ?? 0))
                try guardian.attempt(account: account, address: "2001:db8::1")
            }
            #expect(waits == [1, 2, 4])
            // From many addresses the account itself waits in the end.
            for number in 0..<55 { try? guardian.attempt(account: account, address: "10.1.0.\(number)") }
            #expect(throws: PlatformError.self) { try guardian.attempt(account: account, address: "10.9.9.9") }
        }
    }

    @Test("Nobody lowers those above them by their role, or comes into a group that sees more")
    func lowering() async throws {
        let (access, _) = try await services()
        let (_, admin) = try await add("root", .admin, access)
        _ = try await access.roles.add(name: "helpdesk", description: "", permissions: ["users:manage", "models:read"], by: admin)
        _ = try await access.roles.add(name: "ops", description: "", permissions: ["models:read", "models:administer"], by: admin)
        let (_, helpdesk) = try await add("help", try #require(RoleName("helpdesk")), access)
        let error = await #expect(throws: PlatformError.self) { try await access.roles.update("ops", description: nil, permissions: ["models:read"], by: helpdesk) }
        #expect(error?.code == .forbidden)
    }

    @Test("An account is not changed by a key, and not over what somebody else changed meanwhile")
    func stale() async throws {
        let (access, stores) = try await services()
        let (root, admin) = try await add("root", .admin, access)
        let (_, secret) = try await access.keys.make(name: "k", expiresInDays: nil, scope: nil, for: admin)
        let key = try await access.authenticator.principal(for: secret, from: nil)
        for attempt in [
            { _ = try await access.administration.setPassword("another password", of: root.id, by: key) },
            { _ = try await access.administration.add(email: "b@example.com", username: "b", password: "a long password", role: "admin", by: key) },
            { _ = try await access.invitations.add(email: nil, role: "admin", expiresInDays: nil, by: key) },
        ] {
            let error = await #expect(throws: PlatformError.self) { try await attempt() }
            #expect(error?.code == .forbidden)
        }
        let (user, _) = try await add("a", .admin, access)
        var (switchedOff, renamed) = (user, user)
        switchedOff.isActive = false
        renamed.username = "b"
        try await stores.users.update(switchedOff, from: user)
        let error = await #expect(throws: PlatformError.self) { try await stores.users.update(renamed, from: user) }
        #expect(error?.code == .conflict)
        #expect(try await stores.users.user(user.id)?.isActive == false)
    }

    @Test("An invitation of somebody who was lowered invites nobody; keys end with the key that made them")
    func chains() async throws {
        let (access, _) = try await services(AccessPolicy(registration: .invitation))
        let (_, root) = try await add("root", .admin, access)
        let (second, admin) = try await add("second", .admin, access)
        let (_, token) = try await access.invitations.add(email: nil, role: "admin", expiresInDays: 90, by: admin)
        var change = UserChange()
        change.role = "developer"
        _ = try await access.administration.update(second.id, change, by: root)
        await #expect(throws: PlatformError.self) {
            try await access.accounts.register(email: "x@example.com", username: "x", password: "a long password", invitation: token)
        }
        let (parent, secret) = try await access.keys.make(name: "parent", expiresInDays: 1, scope: nil, for: root)
        let holder = try await access.authenticator.principal(for: secret, from: nil)
        let (child, inner) = try await access.keys.make(name: "child", expiresInDays: 365, scope: nil, for: holder)
        #expect(child.expiresAt == parent.expiresAt && child.parentID == parent.id)
        try await access.keys.revoke(parent.id, by: root)
        await #expect(throws: PlatformError.self) { try await access.authenticator.principal(for: inner, from: nil) }
    }

    @Test("Limits of any size are compared")
    func largeLimits() {
        let states = [1_000_000_000_000, 1_000_000].map { RateState(limit: $0, remaining: $0 - 1, resetSeconds: 1) }
        #expect(RateState.tightest(states[0], states[1])?.limit == 1_000_000)
    }

    enum Caller: CaseIterable, Sendable {
        case owner, admin, reader, executor, grantedAdmin, groupMember, expired, anybody, viewer
    }

    /// What each caller may do with a private model, and with a public one.
    private static let matrix: [Caller: (own: Set<ModelAccess.Action>, shared: Set<ModelAccess.Action>)] = {
        let all = Set(ModelAccess.Action.allCases)
        let shown: Set<ModelAccess.Action> = [.view, .execute]
        return [
            .owner: (all, all), .admin: (all, all), .reader: ([.view], shown), .executor: (shown, shown), .grantedAdmin: (all, all),
            .groupMember: (shown, shown), .expired: ([], shown), .anybody: ([], shown), .viewer: (shown, shown),
        ]
    }()

    @Test("Every cell of the access matrix", arguments: ModelAccess.Action.allCases, Caller.allCases)
    func matrix(action: ModelAccess.Action, caller: Caller) throws {
        let (owner, somebody) = (UserID(at: clock.now), UserID(at: clock.now))
        let (id, group) = (ModelID(at: clock.now), GroupID(at: clock.now))
        // A viewer keeps what the role allows, also as an admin of the model.
        let role: Role = try #require(Role.given.first { $0.name == (caller == .admin ? .admin : caller == .viewer ? .viewer : .developer) })
        let principal = Principal(
            userID: caller == .owner ? owner : somebody, username: "x", role: role.name, permissions: role.permissions,
            groups: caller == .groupMember ? [group] : [], credential: .apiKey(KeyID(at: clock.now)))
        let given: (ModelGrant.Level, ModelGrant.Grantee, Timestamp?)? =
            switch caller {
            case .reader: (.read, .user(somebody), nil)
            case .executor: (.execute, .user(somebody), clock.now.adding(seconds: 60))
            case .grantedAdmin, .viewer: (.admin, .user(somebody), nil)
            case .groupMember: (.execute, .group(group), nil)
            case .expired: (.admin, .user(somebody), clock.now)
            default: nil
            }
        let grants = given.map {
            [ModelGrant(id: GrantID(at: clock.now), modelID: id, grantee: $0.1, level: $0.0, grantedBy: owner, grantedAt: clock.now, expiresAt: $0.2)]
        }
        let cell = try #require(Self.matrix[caller])
        for isPublic in [true, false] {
            let rules = ModelRules(ownerID: owner, isPublic: isPublic, grants: grants ?? [])
            let isAllowed = (isPublic ? cell.shared : cell.own).contains(action)
            #expect(ModelAccess.allows(action, on: id, rules, to: principal, at: clock.now) == isAllowed)
            guard !isAllowed else { continue }
            let error = #expect(throws: PlatformError.self) { try ModelAccess.require(action, on: id, rules, by: principal, at: clock.now) }
            let maySee = (isPublic ? cell.shared : cell.own).contains(.view)
            #expect(error?.code == (maySee ? .forbidden : .modelNotFound))
        }
    }

    @Test(
        "Addresses are in a network or not",
        arguments: [
            ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false), ("192.168.1.7", "192.168.1.7", true), ("192.168.1.7", "192.168.1.8", false),
            ("0.0.0.0/0", "1.2.3.4", true), ("0.0.0.0/0", "::1", false), ("2001:db8::/33", "2001:db8:7fff::1", true),
            ("2001:db8::/33", "2001:db8:8000::1", false), ("10.0.0.0/8", "::ffff:10.1.1.1", true), ("::1", "0:0:0:0:0:0:0:1", true),
            ("172.16.0.0/12", "172.31.255.255", true), ("172.16.0.0/12", "172.32.0.0", false), ("10.0.0.0/8", "010.0.0.1", false),
        ])
    func addresses(range: String, address: String, isIn: Bool) throws {
        let parsed = try #require(AddressRange(range))
        #expect(parsed.contains(address) == isIn)
        #expect(AddressRange(parsed.description) == parsed)
    }

    @Test(
        "What is no address or network",
        arguments: ["", "10.0.0", "10.0.0.256", "10.0.0.0/33", "10.0.0.0/+8", "1::2::3", "::1/129", ":::", "1:2:3:4:5:6:7:8:9", "a.b.c.d"])
    func noAddresses(text: String) {
        #expect(AddressRange(text) == nil)
    }

    @Test("X-Forwarded-For is believed from trusted proxies only, and from its end")
    func proxies() throws {
        let none = TrustedProxies([])
        #expect(none.client(peer: "10.0.0.1", forwarded: "1.2.3.4") == "10.0.0.1")
        let proxies = TrustedProxies([try #require(AddressRange("10.0.0.0/8"))])
        #expect(proxies.client(peer: "10.0.0.1", forwarded: "1.2.3.4") == "1.2.3.4")
        #expect(proxies.client(peer: "9.9.9.9", forwarded: "1.2.3.4") == "9.9.9.9")
        #expect(proxies.client(peer: "10.0.0.1", forwarded: "6.6.6.6, 1.2.3.4, 10.0.0.2") == "1.2.3.4")
        #expect(proxies.client(peer: "10.0.0.1", forwarded: "6.6.6.6, junk") == "10.0.0.1")
        #expect(proxies.client(peer: "10.0.0.1", forwarded: nil) == "10.0.0.1")
    }

    @Test("A bucket empties, says when to come back, and fills evenly; of several, all give or none")
    func limits() throws {
        let limiter = TokenBuckets(clock: clock)
        let bucket = RateBucket("k", limit: 60)
        for left in (0..<60).reversed() { #expect(try limiter.take([bucket])?.remaining == left) }
        let error = #expect(throws: PlatformError.self) { try limiter.take([bucket]) }
        #expect(error?.code == .rateLimited && error?.retryAfterSeconds == 1)
        let other = RateBucket("other", limit: 2)
        #expect(throws: PlatformError.self) { try limiter.take([other, bucket]) }
        #expect(limiter.state(of: other).remaining == 2)
        clock.advance(seconds: 2)
        #expect(try limiter.take([bucket, other])?.limit == 60, "the one of which the smaller part is left")
        try limiter.take([bucket])
        #expect(throws: PlatformError.self) { try limiter.take([bucket]) }
        limiter.putBack([bucket])
        try limiter.take([bucket])
    }
}
