/// A permission on one model for a user or a group.
package struct ModelGrant: Sendable, Identified, Hashable {
    package static let idPrefix = "perm_"

    /// What is given; each level holds the ones before it.
    package enum Level: String, Sendable, CaseIterable, Comparable {
        /// See the model and its documentation.
        case read
        /// Predict.
        case execute
        /// Full control.
        case admin

        package static func < (left: Level, right: Level) -> Bool { left.rank < right.rank }

        private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    }

    package enum Grantee: Sendable, Hashable {
        case user(UserID)
        case group(GroupID)
    }

    package let id: GrantID
    package let modelID: ModelID
    package let grantee: Grantee
    package let level: Level
    package let grantedBy: UserID
    package let grantedAt: Timestamp
    package let expiresAt: Timestamp?

    package init(
        id: GrantID, modelID: ModelID, grantee: Grantee, level: Level, grantedBy: UserID, grantedAt: Timestamp, expiresAt: Timestamp?
    ) {
        self.id = id
        self.modelID = modelID
        self.grantee = grantee
        self.level = level
        self.grantedBy = grantedBy
        self.grantedAt = grantedAt
        self.expiresAt = expiresAt
    }
}
