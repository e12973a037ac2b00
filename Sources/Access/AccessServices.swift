package import Domain
package import Logging

/// Where accounts and all that belongs to them are kept.
package struct AccessStores: Sendable {
    package let users: any UserRepository
    package let sessions: any SessionRepository
    package let roles: any RoleRepository
    package let groups: any GroupRepository
    package let invitations: any InvitationRepository
    package let keys: any APIKeyRepository
    package let audit: any AuditRepository

    package init(
        users: any UserRepository, sessions: any SessionRepository, roles: any RoleRepository, groups: any GroupRepository,
        invitations: any InvitationRepository, keys: any APIKeyRepository, audit: any AuditRepository
    ) {
        self.users = users
        self.sessions = sessions
        self.roles = roles
        self.groups = groups
        self.invitations = invitations
        self.keys = keys
        self.audit = audit
    }
}

/// What the operator decided about who may come in.
package struct AccessPolicy: Sendable {
    package var registration: RegistrationPolicy
    package var keysMustExpire: Bool
    package var standards: AccountStandards
    package var trustedProxies: [AddressRange]

    package init(
        registration: RegistrationPolicy = .open, keysMustExpire: Bool = false,
        standards: AccountStandards = AccountStandards(free: AccountLimits(), premium: AccountLimits()), trustedProxies: [AddressRange] = []
    ) {
        self.registration = registration
        self.keysMustExpire = keysMustExpire
        self.standards = standards
        self.trustedProxies = trustedProxies
    }
}

/// Everything about who may come in, built once.
package struct AccessServices: Sendable {
    package let accounts: AccountService
    package let administration: UserAdministration
    package let roles: RoleService
    package let groups: GroupService
    package let invitations: InvitationService
    package let keys: APIKeyService
    package let audit: AuditService
    package let authenticator: Authenticator
    package let directory: AccessDirectory
    package let limiter: RateLimiter
    package let meter: KeyMeter
    package let proxies: TrustedProxies
    package let standards: AccountStandards
    package let crossSiteTokens: CrossSiteTokens

    /// - Parameters:
    ///   - tokenKeys: Newest first.
    ///   - shared: Where limits are counted for several servers; nil: in memory.
    package init(
        _ stores: AccessStores, tokenKeys: [AccessTokens.Key], policy: AccessPolicy, shared: (any SharedBuckets)? = nil, clock: any WallClock, logger: Logger
    ) async {
        let audit = stores.audit
        let hasher = PasswordHasher()
        let tokens = await AccessTokens(keys: tokenKeys, clock: clock)
        crossSiteTokens = CrossSiteTokens(tokenKeys[0])
        standards = policy.standards
        limiter = RateLimiter(local: TokenBuckets(clock: clock), shared: shared, logger: logger)
        meter = KeyMeter(clock: clock)
        proxies = TrustedProxies(policy.trustedProxies)
        self.audit = AuditService(log: audit, clock: clock)
        directory = AccessDirectory(users: stores.users, roles: stores.roles, standards: policy.standards)
        authenticator = Authenticator(directory: directory, tokens: tokens, clock: clock)
        accounts = AccountService(
            users: stores.users, sessions: stores.sessions, invitations: stores.invitations, hasher: hasher, tokens: tokens, authenticator: authenticator,
            directory: directory, registration: policy.registration, audit: audit, clock: clock)
        roles = RoleService(roles: stores.roles, directory: directory, audit: audit, clock: clock)
        groups = GroupService(groups: stores.groups, users: stores.users, directory: directory, audit: audit, clock: clock)
        invitations = InvitationService(invitations: stores.invitations, roles: roles, audit: audit, clock: clock)
        administration = UserAdministration(
            users: stores.users, sessions: stores.sessions, roles: roles, accounts: accounts, hasher: hasher, authenticator: authenticator,
            directory: directory, audit: audit, clock: clock)
        keys = APIKeyService(keys: stores.keys, authenticator: authenticator, mustExpire: policy.keysMustExpire, audit: audit, clock: clock)
    }
}
