package import Domain

/// Roles: the given ones, and those made here. Changing them needs `users:manage`.
package struct RoleService: Sendable {
    private let roles: any RoleRepository
    private let directory: AccessDirectory
    private let audit: any AuditRepository
    private let clock: any WallClock

    package init(roles: any RoleRepository, directory: AccessDirectory, audit: any AuditRepository, clock: any WallClock) {
        self.roles = roles
        self.directory = directory
        self.audit = audit
        self.clock = clock
    }

    package func list() async throws -> [Role] {
        Role.given + (try await roles.roles())
    }

    /// - Throws: `schemaViolation` for a role that does not exist.
    package func role(named name: String) async throws -> Role {
        let all = try await list()
        guard let role = all.first(where: { $0.name.rawValue == name }) else {
            throw PlatformError.field("/role", "expected one of \(all.map(\.name.rawValue).joined(separator: ", "))")
        }
        return role
    }

    /// - Throws: `schemaViolation`, `conflict` when the name is taken, `forbidden` for permissions that the caller does not have.
    package func add(name: String, description: String, permissions: [String], by principal: Principal) async throws -> Role {
        try principal.require(.manageUsers)
        try principal.requireLogin()
        guard let name = RoleName(name) else {
            throw PlatformError.field("/name", "expected 1 to 32 lower-case letters, digits, '-' or '_', beginning with a letter")
        }
        let role = Role(name: name, description: try Self.checked(description), permissions: try Self.permissions(permissions, for: principal))
        guard !Role.given.contains(where: { $0.name == name }) else { throw PlatformError(.conflict, "The role '\(name)' exists already.") }
        do {
            try await roles.add(role, at: clock.now)
        } catch let error as PlatformError where error.code == .conflict {
            throw PlatformError(.conflict, "The role '\(name)' exists already.")
        }
        try await changed("role.created", role, principal)
        return role
    }

    package func update(_ name: String, description: String?, permissions: [String]?, by principal: Principal) async throws -> Role {
        var role = try await changeable(name, principal)
        if let description { role.description = try Self.checked(description) }
        if let permissions { role.permissions = try Self.permissions(permissions, for: principal) }
        try await roles.update(role)
        try await changed("role.updated", role, principal)
        return role
    }

    /// - Throws: `conflict` while accounts have it.
    package func remove(_ name: String, by principal: Principal) async throws {
        let role = try await changeable(name, principal)
        let users = try await roles.remove(role.name)
        guard users == 0 else {
            throw PlatformError(.conflict, "\(users) accounts have the role '\(name)'. hint: give them another one first.", details: .object(["users": .int(users)]))
        }
        try await changed("role.removed", role, principal)
    }

    private func changeable(_ name: String, _ principal: Principal) async throws -> Role {
        try principal.require(.manageUsers)
        try principal.requireLogin()
        guard let role = try await list().first(where: { $0.name.rawValue == name }) else { throw PlatformError.notFound("role", String(name.prefix(64))) }
        // Who lowers a role lowers everybody who has it.
        try principal.require(role.permissions)
        guard !role.isGiven else { throw PlatformError(.conflict, "The role '\(name)' is given and cannot be changed. hint: make one of your own.") }
        return role
    }

    private static func permissions(_ names: [String], for principal: Principal) throws -> Permissions {
        guard let permissions = Permissions(names: names) else {
            throw PlatformError.field("/permissions", "expected some of \(Permissions.all.names.joined(separator: ", "))")
        }
        try principal.require(permissions)
        return permissions
    }

    private static func checked(_ description: String) throws -> String {
        guard description.count <= 500 else { throw PlatformError.field("/description", "expected at most 500 characters") }
        return description
    }

    private func changed(_ action: String, _ role: Role, _ principal: Principal) async throws {
        try await directory.reload()
        try await audit.append(
            AuditEntry(
                action: action, resourceType: "role", resourceID: role.name.rawValue, userID: principal.userID,
                details: .object(["permissions": .strings(role.permissions.names)]), at: clock.now))
    }
}
