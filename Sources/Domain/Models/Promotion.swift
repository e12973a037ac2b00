/// A version's way from one stage to another: done, or waiting for a second person.
package struct Promotion: Sendable, Identified {
    package static let idPrefix = "promo_"

    package enum State: String, Sendable, CaseIterable {
        case pending, done, rejected, reverted
    }

    package let id: PromotionID
    package let modelID: ModelID
    package let versionID: VersionID
    package let from: Stage
    package let to: Stage
    /// Versions that left production for this one.
    package var archived: [VersionID]
    package var state: State
    package let comment: String?
    package let requestedBy: UserID
    package let requestedAt: Timestamp
    package var decidedBy: UserID?
    package var decidedAt: Timestamp?

    package init(
        id: PromotionID, modelID: ModelID, versionID: VersionID, from: Stage, to: Stage, archived: [VersionID] = [], state: State, comment: String?,
        requestedBy: UserID, requestedAt: Timestamp, decidedBy: UserID? = nil, decidedAt: Timestamp? = nil
    ) {
        self.id = id
        self.modelID = modelID
        self.versionID = versionID
        self.from = from
        self.to = to
        self.archived = archived
        self.state = state
        self.comment = comment
        self.requestedBy = requestedBy
        self.requestedAt = requestedAt
        self.decidedBy = decidedBy
        self.decidedAt = decidedAt
    }
}

/// A name that stands for a version of a model, and can be given to another one.
package struct ModelAlias: Sendable, Hashable {
    package let modelID: ModelID
    package let name: String
    package let versionID: VersionID
    package let updatedAt: Timestamp
    package let updatedBy: UserID

    package init(modelID: ModelID, name: String, versionID: VersionID, updatedAt: Timestamp, updatedBy: UserID) {
        self.modelID = modelID
        self.name = name
        self.versionID = versionID
        self.updatedAt = updatedAt
        self.updatedBy = updatedBy
    }

    /// The newest version, always.
    package static let latest = "latest"
    /// Set by those only who may promote.
    package static let protected: Set<String> = ["champion", "production"]

    /// Small letters, digits, `-` and `_`, beginning with a letter; nothing that could be a version or an id.
    package static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, (0x61...0x7a).contains(first), text.utf8.count <= 64, SemanticVersion(short: text) == nil else { return false }
        return text.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d || $0 == 0x5f } && VersionID(text) == nil
    }
}
