/// Accounts.
package protocol UserRepository: Sendable {
    /// - Parameter invitation: Used up with the account, or neither is.
    /// - Throws: `conflict` when the email or the name is taken, `forbidden` when the invitation was used meanwhile.
    func add(_ user: User, passwordHash: String, invitation: InvitationID?) async throws
    func user(_ id: UserID) async throws -> User?
    /// The account of `email` (lower case) and its password hash.
    func credentials(of email: String) async throws -> (user: User, passwordHash: String)?
    func passwordHash(of id: UserID) async throws -> String?
    /// Writes everything but the password.
    /// - Parameter before: The account as it was read: when it is another by now, nothing is written.
    /// - Throws: `conflict` when the email or the name is taken, the account was changed meanwhile, or the last active admin would go.
    func update(_ user: User, from before: User) async throws
    func setPasswordHash(_ hash: String, of id: UserID) async throws
    func users(_ query: UserQuery) async throws -> (users: [User], total: Int)
    /// Ends the account: its models go to `heir`, its keys and sessions end, its permissions and memberships go.
    /// - Returns: The sessions that ended, and the models that were handed over.
    func close(_ user: User, heir: UserID?, at now: Timestamp) async throws -> (sessions: [SessionID], models: [ModelID])
    func count() async throws -> Int
    /// An account with its groups.
    func account(_ id: UserID) async throws -> (user: User, groups: Set<GroupID>)?
}

/// Which accounts are wanted, and from where in the list on.
package struct UserQuery: Sendable {
    /// Matched against email and name, case-insensitively.
    package var search: String?
    package var role: RoleName?
    package var isActive: Bool?
    /// 1 to 200.
    package var limit = 50
    package var after: ModelQuery.Cursor?

    package init() {}
}

/// Roles that were made here; the given ones are not in it.
package protocol RoleRepository: Sendable {
    func roles() async throws -> [Role]
    /// - Throws: `conflict` when the name is taken.
    func add(_ role: Role, at now: Timestamp) async throws
    func update(_ role: Role) async throws
    /// - Returns: How many accounts have the role; it is removed when there are none.
    func remove(_ name: RoleName) async throws -> Int
}

/// Groups and who is in them.
package protocol GroupRepository: Sendable {
    /// - Throws: `conflict` when the name is taken.
    func add(_ group: Group) async throws
    func update(_ group: Group) async throws
    func remove(_ id: GroupID) async throws
    func group(_ id: GroupID) async throws -> Group?
    /// All groups, or those of one user, by name.
    func groups(of user: UserID?) async throws -> [(group: Group, members: Int)]
    func members(of id: GroupID) async throws -> [User]
    func addMember(_ user: UserID, to id: GroupID, at now: Timestamp) async throws
    /// Whether the group was given anything on a model.
    func hasGrants(_ id: GroupID) async throws -> Bool
    /// - Returns: false when the user was no member.
    func removeMember(_ user: UserID, from id: GroupID) async throws -> Bool
}

/// Invitations.
package protocol InvitationRepository: Sendable {
    func add(_ invitation: Invitation) async throws
    func invitation(hash: String) async throws -> Invitation?
    /// Newest first.
    func invitations() async throws -> [Invitation]
    /// - Returns: false when there is no such invitation, or it was used.
    func remove(_ id: InvitationID) async throws -> Bool
}

/// Permissions on single models.
package protocol GrantRepository: Sendable {
    /// Writes the grant; one to the same user or group on the model is replaced.
    func save(_ grant: ModelGrant) async throws
    func grants(on model: ModelID) async throws -> [ModelGrant]
    /// Every grant on a model that was not deleted.
    func grants() async throws -> [ModelID: [ModelGrant]]
    /// - Returns: false when there is no such grant on the model.
    func remove(_ id: GrantID, on model: ModelID) async throws -> Bool
}

/// How often anything that decides who may do what has changed: other instances and the command line change it too.
package protocol AccessChangeRepository: Sendable {
    func count() async throws -> Int64
}

/// Logins and their refresh tokens.
package protocol SessionRepository: Sendable {
    func add(_ session: Session) async throws
    /// Trades the token of `hash` for `newHash`, in one transaction.
    func rotate(hash: String, to newHash: String, expiresAt: Timestamp, now: Timestamp) async throws -> RefreshOutcome
    func end(_ id: SessionID, at now: Timestamp) async throws
    /// Ends every session of an account but one.
    /// - Returns: Those that ended.
    func endAll(of user: UserID, except kept: SessionID?, at now: Timestamp) async throws -> [SessionID]
    /// Sessions that have not ended or expired, newest first.
    func sessions(of user: UserID, at now: Timestamp) async throws -> [Session]
    /// Sessions ended since `moment`: their access tokens may not have expired yet.
    func ended(since moment: Timestamp) async throws -> [SessionID]
}

/// API keys.
package protocol APIKeyRepository: Sendable {
    func add(_ key: APIKey) async throws
    func keys(of user: UserID) async throws -> [APIKey]
    func key(_ id: KeyID) async throws -> APIKey?
    func update(_ key: APIKey) async throws
    /// Ends a key and those that were made with it.
    /// - Returns: All that ended.
    func revoke(_ id: KeyID) async throws -> [APIKey]
    /// Every key that is not revoked, for the snapshot that requests are checked against.
    func activeKeys() async throws -> [APIKey]
    func touch(_ uses: [KeyID: Timestamp]) async throws
}

/// The audit log: entries are added, and removed at the old end only.
package protocol AuditRepository: Sendable {
    func append(_ entry: AuditEntry) async throws
    /// Newest first.
    func records(_ query: AuditQuery) async throws -> [AuditRecord]
    /// - Returns: How many entries went.
    func remove(before moment: Timestamp) async throws -> Int
    /// Finds any change, gap or new order.
    func verify() async throws -> AuditVerdict
}

/// Requests that may be sent again without a second effect.
package protocol IdempotencyRepository: Sendable {
    /// Writes down that a request is at work, unless its key was used before.
    /// - Returns: The earlier request with this key.
    func begin(_ request: IdempotentRequest) async throws -> IdempotentRequest?
    func finish(_ request: IdempotentRequest) async throws
    /// Forgets a request that had no effect, so that its key can be used again.
    func forget(_ request: IdempotentRequest) async throws
    /// Marks what was at work when the server stopped.
    func interruptAll() async throws
    func remove(before moment: Timestamp) async throws
}
