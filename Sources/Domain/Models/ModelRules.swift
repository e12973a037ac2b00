/// Everything that decides who may do what with a model.
package struct ModelRules: Sendable {
    package let ownerID: UserID
    package var isPublic: Bool
    /// Whether a public model answers without any key.
    package var isAnonymous: Bool
    /// Addresses from which the model may be called; nil: all.
    package var addresses: [AddressRange]?
    package var grants: [ModelGrant]
    /// What the version that serves is called.
    package var aliases: Set<String>

    package init(
        ownerID: UserID, isPublic: Bool, isAnonymous: Bool = false, addresses: [AddressRange]? = nil, grants: [ModelGrant] = [], aliases: Set<String> = []
    ) {
        self.ownerID = ownerID
        self.isPublic = isPublic
        self.isAnonymous = isAnonymous
        self.addresses = addresses
        self.grants = grants
        self.aliases = aliases
    }

    /// The highest level that `principal` was given, alone or in a group.
    package func level(of principal: Principal, at now: Timestamp) -> ModelGrant.Level? {
        grants.lazy.filter { grant in
            guard grant.expiresAt.map({ $0 > now }) ?? true else { return false }
            return switch grant.grantee {
            case .user(let user): user == principal.userID
            case .group(let group): principal.groups.contains(group)
            }
        }.map(\.level).max()
    }
}
