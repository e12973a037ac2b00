/// The name of a role: lower-case letters, digits, `-` and `_`, at most 32, the first one a letter.
package struct RoleName: Sendable, Hashable, CustomStringConvertible {
    package let rawValue: String

    package static let admin = RoleName(stored: "admin")
    package static let developer = RoleName(stored: "developer")
    package static let viewer = RoleName(stored: "viewer")

    package init?(_ text: String) {
        guard (1...32).contains(text.utf8.count), let first = text.utf8.first, (0x61...0x7a).contains(first),
            text.utf8.allSatisfy({ (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d || $0 == 0x5f })
        else { return nil }
        rawValue = text
    }

    /// Trusts a text that came out of the database.
    package init(stored text: String) {
        rawValue = text
    }

    package var description: String { rawValue }
}

/// A named set of permissions.
package struct Role: Sendable {
    package let name: RoleName
    package var description: String
    package var permissions: Permissions
    /// Given roles cannot be changed; they get new permissions with new versions of the program.
    package let isGiven: Bool

    package init(name: RoleName, description: String, permissions: Permissions, isGiven: Bool = false) {
        self.name = name
        self.description = description
        self.permissions = permissions
        self.isGiven = isGiven
    }

    package static let given = [
        Role(name: .admin, description: "Everything, with the models of everybody.", permissions: .all, isGiven: true),
        Role(
            name: .developer, description: "Publishes models and keeps their APIs.",
            permissions: [
                .uploadModels, .readModels, .executeModels, .updateModels, .deleteModels, .promoteModels, .manageModels, .manageKeys,
            ], isGiven: true),
        Role(name: .viewer, description: "Sees and calls models.", permissions: [.readModels, .executeModels, .manageKeys], isGiven: true),
    ]
}
