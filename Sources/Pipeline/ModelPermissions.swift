internal import Access
package import Domain
package import Serving

/// Permissions on single models, given and taken by who may manage them.
package struct ModelPermissions: Sendable {
    private let models: any ModelRepository
    private let grants: any GrantRepository
    private let users: any UserRepository
    private let groups: any GroupRepository
    private let deployments: DeploymentDirectory
    private let events: EventService
    private let audit: any AuditRepository
    private let clock: any WallClock

    package init(
        models: any ModelRepository, grants: any GrantRepository, users: any UserRepository, groups: any GroupRepository, deployments: DeploymentDirectory,
        events: EventService, audit: any AuditRepository, clock: any WallClock
    ) {
        self.models = models
        self.grants = grants
        self.users = users
        self.groups = groups
        self.deployments = deployments
        self.events = events
        self.audit = audit
        self.clock = clock
    }

    package func list(_ id: ModelID, for principal: Principal) async throws -> [ModelGrant] {
        try await managed(id, principal).grants
    }

    /// Gives a permission; one that the same user or group has on the model is replaced.
    /// - Throws: `schemaViolation` for somebody who does not exist, or an end that has passed.
    package func grant(
        _ level: ModelGrant.Level, on id: ModelID, to grantee: ModelGrant.Grantee, until end: Timestamp?, by principal: Principal
    ) async throws -> ModelGrant {
        let model = try await managed(id, principal)
        switch grantee {
        case .user(let user):
            guard try await users.user(user) != nil else { throw PlatformError.field("/user_id", "expected the id of an account") }
            guard user != model.ownerID else { throw PlatformError.field("/user_id", "the owner may do everything already") }
        case .group(let group):
            guard try await groups.group(group) != nil else { throw PlatformError.field("/group_id", "expected the id of a group") }
        }
        if let end, end <= clock.now { throw PlatformError.field("/expires_at", "expected a time to come") }
        let grant = ModelGrant(
            id: GrantID(at: clock.now), modelID: id, grantee: grantee, level: level, grantedBy: principal.userID, grantedAt: clock.now, expiresAt: end)
        try await grants.save(grant)
        try await changed("permission.granted", id, principal, ["permission": .string(level.rawValue), "grantee": .string(Self.words(grantee))])
        await events.granted(level, on: model, to: try await people(grantee).subtracting([principal.userID]), at: clock.now)
        return grant
    }

    /// - Throws: `notFound` when there is no such permission on the model.
    package func revoke(_ grant: GrantID, on id: ModelID, by principal: Principal) async throws {
        let model = try await managed(id, principal)
        guard let found = model.grants.first(where: { $0.id == grant }), try await grants.remove(grant, on: id) else {
            throw PlatformError.notFound("permission", grant.rawValue)
        }
        try await changed("permission.revoked", id, principal, ["permission": .string(found.level.rawValue), "grantee": .string(Self.words(found.grantee))])
    }

    /// Reads the rules of models again, after their owner changed.
    package func refresh(_ ids: [ModelID]) async throws {
        for id in ids {
            guard let rules = try await models.model(id)?.model.rules else { continue }
            deployments.update(id) { $0.with(rules: rules) }
        }
    }

    private func managed(_ id: ModelID, _ principal: Principal) async throws -> Model {
        guard let model = try await models.model(id)?.model else { throw PlatformError.notFound("model", id.rawValue) }
        try ModelAccess.require(.manage, on: id, model.rules, by: principal, at: clock.now)
        return model
    }

    private func changed(_ action: String, _ id: ModelID, _ principal: Principal, _ details: [String: JSONValue]) async throws {
        try await refresh([id])
        try await audit.append(
            AuditEntry(
                action: action, resourceType: "ml_model", resourceID: id.rawValue, userID: principal.userID, details: .object(details), at: clock.now))
    }

    private func people(_ grantee: ModelGrant.Grantee) async throws -> Set<UserID> {
        switch grantee {
        case .user(let user): [user]
        case .group(let group): Set(try await groups.members(of: group).map(\.id))
        }
    }

    private static func words(_ grantee: ModelGrant.Grantee) -> String {
        switch grantee {
        case .user(let id): id.rawValue
        case .group(let id): id.rawValue
        }
    }
}
