/// Who makes a request, how they proved it, and what they may do.
package struct Principal: Sendable {
    package enum Credential: Sendable, Hashable {
        case session(SessionID)
        case apiKey(KeyID)
    }

    package let userID: UserID
    package let username: String
    package let role: RoleName
    /// What the role allows, cut down to the scope of the key.
    package let permissions: Permissions
    package let groups: Set<GroupID>
    package let credential: Credential
    /// nil for a login and for a key that may do everything its user may.
    package let scope: KeyScope?
    package let limits: AccountLimits

    package init(
        userID: UserID, username: String, role: RoleName, permissions: Permissions, groups: Set<GroupID> = [], credential: Credential,
        scope: KeyScope? = nil, limits: AccountLimits = AccountLimits()
    ) {
        self.userID = userID
        self.username = username
        self.role = role
        self.permissions = permissions
        self.groups = groups
        self.credential = credential
        self.scope = scope
        self.limits = limits
    }

    /// nil for a login.
    package var keyID: KeyID? {
        guard case .apiKey(let id) = credential else { return nil }
        return id
    }

    /// What accounts, roles and groups are changed with: a key that leaked must not make itself more than it is.
    /// - Throws: `forbidden` for a key.
    @discardableResult
    package func requireLogin() throws -> SessionID {
        guard case .session(let session) = credential else {
            throw PlatformError(.forbidden, "This cannot be done with an API key. hint: log in and use the access token.")
        }
        return session
    }

    package func may(_ permission: Permissions) -> Bool { permissions.contains(permission) }

    /// - Throws: `forbidden`, naming the permission.
    package func require(_ permission: Permissions) throws {
        guard !may(permission) else { return }
        let missing = permission.subtracting(permissions).names
        throw PlatformError(
            .forbidden, "This needs the permission \(missing.joined(separator: ", ")).", details: .object(["missing_permissions": .strings(missing)]))
    }
}
