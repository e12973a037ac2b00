/// A login: the family of refresh tokens that follow from it, of which only the newest is good.
package struct Session: Sendable, Identified {
    package static let idPrefix = "sess_"

    package let id: SessionID
    package let userID: UserID
    /// SHA-256 of the refresh token that is good now, hexadecimal.
    package let tokenHash: String
    package let expiresAt: Timestamp
    package let createdAt: Timestamp

    package init(id: SessionID, userID: UserID, tokenHash: String, expiresAt: Timestamp, createdAt: Timestamp) {
        self.id = id
        self.userID = userID
        self.tokenHash = tokenHash
        self.expiresAt = expiresAt
        self.createdAt = createdAt
    }
}

/// What became of an attempt to trade a refresh token for the next one.
package enum RefreshOutcome: Sendable {
    case rotated(Session)
    /// The token was used before: somebody has a copy, so the whole session was ended.
    case reused(SessionID)
    case unknown
}
