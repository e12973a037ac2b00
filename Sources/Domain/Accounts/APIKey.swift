/// A key for programs. Its secret is shown once, at creation; only its hash is kept.
package struct APIKey: Sendable, Identified {
    package static let idPrefix = "key_"

    package let id: KeyID
    package let userID: UserID
    package var name: String
    /// The first characters of the secret, to tell keys apart in a list.
    package let hint: String
    /// SHA-256 of the secret, hexadecimal.
    package let hash: String
    /// The key that it was made with; it ends with that one.
    package let parentID: KeyID?
    package var scope: KeyScope?
    package let expiresAt: Timestamp?
    package var isActive: Bool
    package let createdAt: Timestamp
    package var lastUsedAt: Timestamp?

    package init(
        id: KeyID, userID: UserID, name: String, hint: String, hash: String, parentID: KeyID? = nil, scope: KeyScope? = nil, expiresAt: Timestamp?, isActive: Bool = true,
        createdAt: Timestamp, lastUsedAt: Timestamp? = nil
    ) {
        self.id = id
        self.userID = userID
        self.name = name
        self.hint = hint
        self.hash = hash
        self.parentID = parentID
        self.scope = scope
        self.expiresAt = expiresAt
        self.isActive = isActive
        self.createdAt = createdAt
        self.lastUsedAt = lastUsedAt
    }
}
