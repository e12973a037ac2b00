/// An account.
package struct User: Sendable, Identified {
    package static let idPrefix = "usr_"

    package enum Role: String, Sendable, CaseIterable {
        case admin, developer, viewer
    }

    package let id: UserID
    /// Lower case; unique.
    package let email: String
    package let username: String
    package let role: Role
    package let isActive: Bool
    package let createdAt: Timestamp

    package init(id: UserID, email: String, username: String, role: Role, isActive: Bool = true, createdAt: Timestamp) {
        self.id = id
        self.email = email
        self.username = username
        self.role = role
        self.isActive = isActive
        self.createdAt = createdAt
    }
}

/// Who makes a request, and how they proved it.
package struct Principal: Sendable, Hashable {
    package enum Credential: Sendable, Hashable {
        case session(SessionID)
        case apiKey(KeyID)
    }

    package let userID: UserID
    package let username: String
    package let role: User.Role
    package let credential: Credential

    package init(userID: UserID, username: String, role: User.Role, credential: Credential) {
        self.userID = userID
        self.username = username
        self.role = role
        self.credential = credential
    }

    package var isAdmin: Bool { role == .admin }
}
