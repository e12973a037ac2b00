package import Domain

/// Bodies about the accounts of others, roles, groups, invitations and permissions.
package enum PeopleBodies {
    package struct NewUser: Decodable, Sendable {
        package let email: String
        package let username: String
        package let password: String
        package let role: String?
    }

    package struct UserChange: Decodable, Sendable {
        package let email: String?
        package let username: String?
        package let role: String?
        package let subscription: String?
        package let is_active: Bool?
        /// Replaces the account's own limits; what is left out is decided by the subscription.
        package let limits: Limits?
    }

    package struct Limits: Decodable, Sendable {
        package let requests_per_minute: Int?
        package let models_limit: Int?
        package let storage_quota: Int64?
        package let uploads_per_hour: Int?

        /// - Throws: `schemaViolation`.
        package func read() throws(PlatformError) -> AccountLimits {
            let members: [(name: String, value: Int64?)] = [
                ("requests_per_minute", requests_per_minute.map(Int64.init)), ("models_limit", models_limit.map(Int64.init)),
                ("storage_quota", storage_quota), ("uploads_per_hour", uploads_per_hour.map(Int64.init)),
            ]
            let wrong = members.filter { $0.value.map { !(0...1_000_000_000_000).contains($0) } ?? false }
            guard wrong.isEmpty else {
                throw PlatformError.fields(wrong.map { FieldFault(pointer: "/limits/\($0.name)", message: "expected 0 to 1000000000000") })
            }
            return AccountLimits(requestsPerMinute: requests_per_minute, models: models_limit, storage: storage_quota, uploadsPerHour: uploads_per_hour)
        }
    }

    package struct NewPassword: Decodable, Sendable {
        package let password: String
    }

    package struct Role: Decodable, Sendable {
        package let name: String
        package let description: String?
        package let permissions: [String]
    }

    package struct RoleChange: Decodable, Sendable {
        package let description: String?
        package let permissions: [String]?
    }

    package struct Group: Decodable, Sendable {
        package let name: String
        package let description: String?
    }

    package struct GroupChange: Decodable, Sendable {
        package let name: String?
        package let description: String?
    }

    package struct Invitation: Decodable, Sendable {
        package let email: String?
        package let role: String?
        package let expires_in_days: Int?
    }

    package struct Grant: Decodable, Sendable {
        package let user_id: String?
        package let group_id: String?
        package let permission: String
        package let expires_at: String?

        /// - Throws: `schemaViolation` naming each fault.
        package func read() throws(PlatformError) -> (level: ModelGrant.Level, grantee: ModelGrant.Grantee, end: Timestamp?) {
            var faults: [FieldFault] = []
            let level = ModelGrant.Level(rawValue: permission)
            if level == nil { faults.append(FieldFault(pointer: "/permission", message: "expected read, execute or admin")) }
            let user = user_id.flatMap { UserID($0) }.map(ModelGrant.Grantee.user)
            let group = group_id.flatMap { GroupID($0) }.map(ModelGrant.Grantee.group)
            if (user_id == nil) == (group_id == nil) {
                faults.append(FieldFault(pointer: "", message: "expected either user_id or group_id"))
            } else if user == nil, group == nil {
                faults.append(FieldFault(pointer: user_id == nil ? "/group_id" : "/user_id", message: "expected an id (usr_… or grp_…)"))
            }
            let end = expires_at.flatMap { Timestamp($0) }
            if expires_at != nil, end == nil { faults.append(FieldFault(pointer: "/expires_at", message: "expected a time in RFC 3339 (2030-01-31T00:00:00Z)")) }
            guard faults.isEmpty, let level, let grantee = user ?? group else { throw PlatformError.fields(faults) }
            return (level, grantee, end)
        }
    }

    package static func role(_ role: Domain.Role) -> JSONValue {
        .object([
            "name": .string(role.name.rawValue), "description": .string(role.description), "permissions": .strings(role.permissions.names),
            "is_given": .bool(role.isGiven),
        ])
    }

    package static func group(_ group: Domain.Group, members: Int) -> JSONValue {
        .object(plain(group).merging(["members": .int(members)]) { own, _ in own })
    }

    package static func group(_ group: Domain.Group, members: [User]) -> JSONValue {
        let people = members.map { JSONValue.object(["id": .string($0.id.rawValue), "username": .string($0.username)]) }
        return .object(plain(group).merging(["members": .array(people)]) { own, _ in own })
    }

    private static func plain(_ group: Domain.Group) -> [String: JSONValue] {
        [
            "id": .string(group.id.rawValue), "name": .string(group.name), "description": .string(group.description),
            "created_at": .string(group.createdAt.description),
        ]
    }

    /// - Parameter token: Only in the answer that made the invitation.
    package static func invitation(_ invitation: Domain.Invitation, token: String? = nil) -> JSONValue {
        var object: [String: JSONValue] = [
            "id": .string(invitation.id.rawValue), "email": ModelBodies.text(invitation.email), "role": .string(invitation.role.rawValue),
            "invited_by": .string(invitation.invitedBy.rawValue), "created_at": .string(invitation.createdAt.description),
            "expires_at": .string(invitation.expiresAt.description), "used_by": ModelBodies.text(invitation.usedBy?.rawValue),
        ]
        if let token { object["token"] = .string(token) }
        return .object(object)
    }

    package static func grant(_ grant: ModelGrant) -> JSONValue {
        var (user, group): (String?, String?)
        switch grant.grantee {
        case .user(let id): user = id.rawValue
        case .group(let id): group = id.rawValue
        }
        return .object([
            "id": .string(grant.id.rawValue), "model_id": .string(grant.modelID.rawValue), "user_id": ModelBodies.text(user),
            "group_id": ModelBodies.text(group), "permission": .string(grant.level.rawValue), "granted_by": .string(grant.grantedBy.rawValue),
            "granted_at": .string(grant.grantedAt.description), "expires_at": ModelBodies.text(grant.expiresAt?.description),
        ])
    }
}
