package import Domain

/// Groups. Everybody sees those they are in; the rest needs `users:manage`.
package struct GroupService: Sendable {
    private let groups: any GroupRepository
    private let users: any UserRepository
    private let directory: AccessDirectory
    private let audit: any AuditRepository
    private let clock: any WallClock

    package init(
        groups: any GroupRepository, users: any UserRepository, directory: AccessDirectory, audit: any AuditRepository, clock: any WallClock
    ) {
        self.groups = groups
        self.users = users
        self.directory = directory
        self.audit = audit
        self.clock = clock
    }

    package func list(for principal: Principal) async throws -> [(group: Group, members: Int)] {
        try await groups.groups(of: principal.may(.manageUsers) ? nil : principal.userID)
    }

    /// - Throws: `notFound` also for a group that the caller is not in.
    package func group(_ id: GroupID, for principal: Principal) async throws -> (group: Group, members: [User]) {
        guard principal.may(.manageUsers) || principal.groups.contains(id), let group = try await groups.group(id) else {
            throw PlatformError.notFound("group", id.rawValue)
        }
        return (group, try await groups.members(of: id))
    }

    package func add(name: String, description: String, by principal: Principal) async throws -> Group {
        try principal.require(.manageUsers)
        try principal.requireLogin()
        try Self.check(name, description)
        let group = Group(id: GroupID(at: clock.now), name: name, description: description, createdAt: clock.now)
        try await unique(name) { try await groups.add(group) }
        try await record("group.created", group.id, principal)
        return group
    }

    package func update(_ id: GroupID, name: String?, description: String?, by principal: Principal) async throws -> Group {
        var group = try await changeable(id, principal)
        group.name = name ?? group.name
        group.description = description ?? group.description
        try Self.check(group.name, group.description)
        try await unique(group.name) { [group] in try await groups.update(group) }
        try await record("group.updated", id, principal)
        return group
    }

    package func remove(_ id: GroupID, by principal: Principal) async throws {
        _ = try await changeable(id, principal)
        try await groups.remove(id)
        directory.forgetAll()
        try await record("group.removed", id, principal)
    }

    package func addMember(_ user: UserID, to id: GroupID, by principal: Principal) async throws {
        _ = try await changeable(id, principal)
        guard try await users.user(user) != nil else { throw PlatformError.notFound("user", user.rawValue) }
        // Whoever comes in gets what the group was given on models of others.
        if try await groups.hasGrants(id) { try principal.require(.administerModels) }
        try await groups.addMember(user, to: id, at: clock.now)
        directory.forget(user)
        try await record("group.member_added", id, principal, ["user": .string(user.rawValue)])
    }

    package func removeMember(_ user: UserID, from id: GroupID, by principal: Principal) async throws {
        _ = try await changeable(id, principal)
        guard try await groups.removeMember(user, from: id) else { throw PlatformError.notFound("member", user.rawValue) }
        directory.forget(user)
        try await record("group.member_removed", id, principal, ["user": .string(user.rawValue)])
    }

    private func changeable(_ id: GroupID, _ principal: Principal) async throws -> Group {
        try principal.require(.manageUsers)
        try principal.requireLogin()
        guard let group = try await groups.group(id) else { throw PlatformError.notFound("group", id.rawValue) }
        return group
    }

    private static func check(_ name: String, _ description: String) throws {
        var faults: [FieldFault] = []
        if !name.isLine(upTo: 100) { faults.append(FieldFault(pointer: "/name", message: "expected 1 to 100 characters in one line")) }
        if description.count > 500 { faults.append(FieldFault(pointer: "/description", message: "expected at most 500 characters")) }
        try AccountRules.require(faults)
    }

    private func unique(_ name: String, _ write: () async throws -> Void) async throws {
        do {
            try await write()
        } catch let error as PlatformError where error.code == .conflict {
            throw PlatformError(.conflict, "A group '\(name)' exists already.")
        }
    }

    private func record(_ action: String, _ id: GroupID, _ principal: Principal, _ details: [String: JSONValue] = [:]) async throws {
        try await audit.append(
            AuditEntry(
                action: action, resourceType: "group", resourceID: id.rawValue, userID: principal.userID, details: details.isEmpty ? nil : .object(details),
                at: clock.now))
    }
}
