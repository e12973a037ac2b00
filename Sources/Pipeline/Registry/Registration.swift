package import Domain

/// A model that is made known before its file comes.
package struct Registration: Sendable {
    package var name: String
    package var about: String
    package var type: ModelType
    package var framework: String?
    package var tags: [String]
    package var isPublic: Bool
    package var version: SemanticVersion?
    package var description: VersionDescription
    package var parent: ModelID?

    package init(
        name: String, about: String, type: ModelType, framework: String?, tags: [String], isPublic: Bool, version: SemanticVersion?,
        description: VersionDescription, parent: ModelID?
    ) {
        self.name = name
        self.about = about
        self.type = type
        self.framework = framework
        self.tags = tags
        self.isPublic = isPublic
        self.version = version
        self.description = description
        self.parent = parent
    }
}

/// A version that is made known before its file comes.
package struct Announcement: Sendable {
    package var version: SemanticVersion?
    package var isBreaking: Bool
    package var description: VersionDescription
    package var parentID: VersionID?

    package init(version: SemanticVersion?, isBreaking: Bool, description: VersionDescription, parentID: VersionID?) {
        self.version = version
        self.isBreaking = isBreaking
        self.description = description
        self.parentID = parentID
    }
}
