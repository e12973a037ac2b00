/// When models and versions go that nobody needs; nil: never.
package struct CleanupPolicy: Sendable, Hashable {
    /// Models that were archived longer ago are deleted.
    package var archivedDays: Int?
    /// Of each model, versions beyond the newest so many are deleted: none that serves, is staged, in production, or has a name.
    package var keptVersions: Int?
    /// Models that were neither called nor downloaded nor changed for so long are archived.
    package var unusedDays: Int?

    package init(archivedDays: Int? = nil, keptVersions: Int? = nil, unusedDays: Int? = nil) {
        self.archivedDays = archivedDays
        self.keptVersions = keptVersions
        self.unusedDays = unusedDays
    }

    package var isEmpty: Bool { self == CleanupPolicy() }
}

/// One thing that a clean-up does, or would do.
package struct CleanupItem: Sendable {
    package enum Action: String, Sendable {
        case archiveModel = "archive_model"
        case deleteModel = "delete_model"
        case deleteVersion = "delete_version"
    }

    package let action: Action
    package let modelID: ModelID
    package let name: String
    package let versionID: VersionID?
    package let version: SemanticVersion?
    /// Bytes that become free after the grace period.
    package let bytes: Int64

    package init(_ action: Action, modelID: ModelID, name: String, versionID: VersionID? = nil, version: SemanticVersion? = nil, bytes: Int64) {
        self.action = action
        self.modelID = modelID
        self.name = name
        self.versionID = versionID
        self.version = version
        self.bytes = bytes
    }
}
