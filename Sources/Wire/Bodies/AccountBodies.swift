package import Domain

/// Bodies of accounts and keys.
package enum AccountBodies {
    package struct Registration: Decodable, Sendable {
        package let email: String
        package let username: String
        package let password: String
    }

    package struct Login: Decodable, Sendable {
        package let email: String
        package let password: String
    }

    package struct Refresh: Decodable, Sendable {
        package let refresh_token: String
    }

    package struct NewKey: Decodable, Sendable {
        package let name: String
        package let expires_in_days: Int?
    }

    package struct KeyChange: Decodable, Sendable {
        package let name: String
    }

    package static func user(_ user: User) -> JSONValue {
        .object([
            "id": .string(user.id.rawValue), "email": .string(user.email), "username": .string(user.username),
            "role": .string(user.role.rawValue), "created_at": .string(user.createdAt.description),
        ])
    }

    /// - Parameter secret: Only in the answer that made the key.
    package static func key(_ key: APIKey, secret: String? = nil) -> JSONValue {
        var object: [String: JSONValue] = [
            "id": .string(key.id.rawValue), "name": .string(key.name), "hint": .string("\(key.hint)…"), "is_active": .bool(key.isActive),
            "expires_at": key.expiresAt.map { .string($0.description) } ?? .null, "created_at": .string(key.createdAt.description),
            "last_used_at": key.lastUsedAt.map { .string($0.description) } ?? .null,
        ]
        if let secret { object["key"] = .string(secret) }
        return .object(object)
    }
}
