package import Domain

/// Bodies of accounts and logins.
package enum AccountBodies {
    package struct Registration: Decodable, Sendable {
        package let email: String
        package let username: String
        package let password: String
        package let invitation: String?
    }

    package struct Login: Decodable, Sendable {
        package let email: String
        package let password: String
    }

    package struct Refresh: Decodable, Sendable {
        package let refresh_token: String
    }

    package struct Profile: Decodable, Sendable {
        package let email: String?
        package let username: String?
        /// Needed to change the email address.
        package let password: String?
    }

    package struct PasswordChange: Decodable, Sendable {
        package let old_password: String
        package let new_password: String
    }

    /// - Parameter limits: What counts for the account, its own limits and those of its subscription together.
    package static func user(_ user: User, limits: AccountLimits) -> JSONValue {
        .object([
            "id": .string(user.id.rawValue), "email": .string(user.email), "username": .string(user.username), "role": .string(user.role.rawValue),
            "subscription": .string(user.subscription.rawValue), "is_active": .bool(user.isActive),
            "rate_limits": .object([
                "requests_per_minute": limits.requestsPerMinute.map { .int($0) } ?? .null, "models_limit": limits.models.map { .int($0) } ?? .null,
                "uploads_per_hour": limits.uploadsPerHour.map { .int($0) } ?? .null,
            ]),
            "storage_quota": limits.storage.map { .int($0) } ?? .null, "created_at": .string(user.createdAt.description),
        ])
    }

    package static func session(_ session: Session, isCurrent: Bool) -> JSONValue {
        .object([
            "id": .string(session.id.rawValue), "last_refreshed_at": .string(session.createdAt.description),
            "expires_at": .string(session.expiresAt.description), "is_current": .bool(isCurrent),
        ])
    }
}
