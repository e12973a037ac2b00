package import Domain
internal import Synchronization

/// Accounts and roles in memory, so that finding out what a caller may do asks no database.
///
/// An account is read at its first request; every change of accounts makes the directory forget.
package final class AccessDirectory: Sendable {
    private struct Account {
        let user: User
        let groups: Set<GroupID>
    }

    private struct State {
        var accounts: [UserID: Account] = [:]
        var roles = AccessDirectory.given
        /// Counts what was forgotten: an account that was being read meanwhile is not kept.
        var generation = 0
    }

    private static let maximumAccounts = 100_000
    private static let given = Dictionary(uniqueKeysWithValues: Role.given.map { ($0.name, $0.permissions) })
    private let users: any UserRepository
    private let roles: any RoleRepository
    private let standards: AccountStandards
    private let state = Mutex(State())

    package init(users: any UserRepository, roles: any RoleRepository, standards: AccountStandards) {
        self.users = users
        self.roles = roles
        self.standards = standards
    }

    /// Reads the roles, and forgets all accounts.
    package func reload() async throws {
        let own = try await roles.roles()
        state.withLock { state in
            state.roles = Self.given.merging(own.map { ($0.name, $0.permissions) }) { given, _ in given }
            state.accounts = [:]
            state.generation += 1
        }
    }

    package func forget(_ user: UserID) {
        state.withLock { state in
            state.accounts[user] = nil
            state.generation += 1
        }
    }

    package func forgetAll() {
        state.withLock { state in
            state.accounts = [:]
            state.generation += 1
        }
    }

    /// - Returns: nil for a role that does not exist.
    func permissions(of role: RoleName) -> Permissions? { state.withLock { $0.roles[role] } }

    /// - Returns: nil for an account that does not exist or is switched off.
    func permissions(of user: UserID) async throws -> Permissions? {
        guard let found = try await users.user(user), found.isActive else { return nil }
        return permissions(of: found.role) ?? []
    }

    /// - Returns: nil for an account that does not exist or is switched off.
    func principal(_ id: UserID, _ credential: Principal.Credential, _ scope: KeyScope?) async throws -> Principal? {
        if let known = knownPrincipal(id, credential, scope) { return known }
        let generation = state.withLock { $0.generation }
        guard let (user, groups) = try await users.account(id) else { return nil }
        let account = Account(user: user, groups: groups)
        return state.withLock { state in
            if state.generation == generation {
                if state.accounts.count >= Self.maximumAccounts { state.accounts = [:] }
                state.accounts[id] = account
            }
            return principal(account, credential, scope, state)
        }
    }

    /// The same for an account that was read before; nil also for others.
    func knownPrincipal(_ id: UserID, _ credential: Principal.Credential, _ scope: KeyScope?) -> Principal? {
        state.withLock { state in
            state.accounts[id].flatMap { principal($0, credential, scope, state) }
        }
    }

    private func principal(_ account: Account, _ credential: Principal.Credential, _ scope: KeyScope?, _ state: borrowing State) -> Principal? {
        let user = account.user
        guard user.isActive, user.closedAt == nil else { return nil }
        let allowed = state.roles[user.role] ?? []
        return Principal(
            userID: user.id, username: user.username, role: user.role, permissions: scope?.permissions.map { allowed.intersection($0) } ?? allowed,
            groups: account.groups, credential: credential, scope: scope, limits: standards.limits(of: user))
    }
}
