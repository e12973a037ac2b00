package import Domain

/// Invitations to make an account: for servers that do not let everybody in. Needs `users:manage`.
package struct InvitationService: Sendable {
    private let invitations: any InvitationRepository
    private let roles: RoleService
    private let audit: any AuditRepository
    private let clock: any WallClock

    package init(invitations: any InvitationRepository, roles: RoleService, audit: any AuditRepository, clock: any WallClock) {
        self.invitations = invitations
        self.roles = roles
        self.audit = audit
        self.clock = clock
    }

    /// - Parameter expiresInDays: 1 to 90.
    /// - Returns: The token is in this answer and nowhere else.
    package func add(email: String?, role: String?, expiresInDays days: Int?, by principal: Principal) async throws -> (invitation: Invitation, token: String) {
        try principal.require(.manageUsers)
        try principal.requireLogin()
        let days = days ?? 7
        guard (1...90).contains(days) else { throw PlatformError.field("/expires_in_days", "expected 1 to 90, found \(days)") }
        let email = email?.lowercased()
        try AccountRules.require(AccountRules.faults(email: email))
        let role = try await roles.role(named: role ?? RoleName.developer.rawValue)
        try principal.require(role.permissions)
        let now = clock.now
        let token = SecretText.make(bytes: 32)
        let invitation = Invitation(
            id: InvitationID(at: now), tokenHash: SecretHash.hexadecimal(token), email: email, role: role.name, invitedBy: principal.userID, createdAt: now,
            expiresAt: now.adding(seconds: Int64(days) * 86_400))
        try await invitations.add(invitation)
        try await record("invitation.created", invitation.id, principal)
        return (invitation, token)
    }

    package func list(for principal: Principal) async throws -> [Invitation] {
        try principal.require(.manageUsers)
        return try await invitations.invitations()
    }

    package func remove(_ id: InvitationID, by principal: Principal) async throws {
        try principal.require(.manageUsers)
        guard try await invitations.remove(id) else { throw PlatformError.notFound("invitation", id.rawValue) }
        try await record("invitation.removed", id, principal)
    }

    private func record(_ action: String, _ id: InvitationID, _ principal: Principal) async throws {
        try await audit.append(AuditEntry(action: action, resourceType: "invitation", resourceID: id.rawValue, userID: principal.userID, at: clock.now))
    }
}
