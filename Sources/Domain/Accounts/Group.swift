/// People who are given permissions together.
package struct Group: Sendable, Identified {
    package static let idPrefix = "grp_"

    package let id: GroupID
    /// Unique.
    package var name: String
    package var description: String
    package let createdAt: Timestamp

    package init(id: GroupID, name: String, description: String, createdAt: Timestamp) {
        self.id = id
        self.name = name
        self.description = description
        self.createdAt = createdAt
    }
}
