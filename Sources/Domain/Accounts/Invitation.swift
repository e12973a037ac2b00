/// A place kept for somebody who may make an account where registration is by invitation.
package struct Invitation: Sendable, Identified {
    package static let idPrefix = "inv_"

    package let id: InvitationID
    /// SHA-256 of the token, hexadecimal.
    package let tokenHash: String
    /// The only address that may use it; nil: any.
    package let email: String?
    package let role: RoleName
    package let invitedBy: UserID
    package let createdAt: Timestamp
    package let expiresAt: Timestamp
    package var usedBy: UserID?

    package init(
        id: InvitationID, tokenHash: String, email: String?, role: RoleName, invitedBy: UserID, createdAt: Timestamp, expiresAt: Timestamp,
        usedBy: UserID? = nil
    ) {
        self.id = id
        self.tokenHash = tokenHash
        self.email = email
        self.role = role
        self.invitedBy = invitedBy
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.usedBy = usedBy
    }
}
