/// Which models a caller wants to see, and from where in the list on.
package struct ModelQuery: Sendable {
    package var category: String?
    package var isPublic: Bool?
    package var ownerID: UserID?
    package var type: ModelType?
    package var tag: String?
    /// Any of these; empty: all.
    package var tags: [String] = []
    package var algorithm: String?
    package var framework: String?
    package var stage: Stage?
    package var minimumAccuracy: Double?
    /// What its card says.
    package var license: String?
    /// Words, each the beginning of one of name, description, tags, algorithm or dataset; the best match comes first.
    package var words: String?
    /// Matched against name and description, case-insensitively.
    package var search: String?
    package var status: Model.Status?
    /// Who asks; sees everything when nil, else own and public models and those that were given to them.
    package var visibleTo: Viewer?
    /// Only these; nil: all.
    package var among: Set<ModelID>?
    /// 1 to 200.
    package var limit = 50
    /// The place after which the page starts: creation time and id of the last model seen.
    package var after: Cursor?
    /// How many are passed over; for pages by number.
    package var offset = 0
    package var order = Order.newest

    package enum Order: String, Sendable, CaseIterable {
        case newest, oldest, name, accuracy, downloads, rating, updated
    }

    /// Somebody who sees what they own and what they were given at `now`.
    package struct Viewer: Sendable {
        package let user: UserID
        package let groups: Set<GroupID>
        package let now: Timestamp

        package init(user: UserID, groups: Set<GroupID>, now: Timestamp) {
            self.user = user
            self.groups = groups
            self.now = now
        }
    }

    package struct Cursor: Sendable {
        package let createdAt: Timestamp
        package let id: String

        package init(createdAt: Timestamp, id: String) {
            self.createdAt = createdAt
            self.id = id
        }

        /// Reads `{milliseconds}.{id}` as ``text`` wrote it; without an id, the place before all of that time.
        package init?(_ text: String) {
            let parts = text.split(separator: ".", maxSplits: 1)
            guard let first = parts.first, let milliseconds = Int64(first), milliseconds > 0 else { return nil }
            self.init(createdAt: Timestamp(milliseconds: milliseconds), id: parts.count == 2 ? String(parts[1]) : "")
        }

        package var text: String { "\(createdAt.milliseconds).\(id)" }
    }

    package init() {}
}

/// A page of a list of models.
package struct ModelPage: Sendable {
    package let models: [(model: Model, owner: User)]
    /// Of all pages.
    package let total: Int
    /// Whether there are no more than `total`; very long lists are not counted to their end.
    package let isTotalExact: Bool

    package init(models: [(model: Model, owner: User)], total: Int, isTotalExact: Bool) {
        self.models = models
        self.total = total
        self.isTotalExact = isTotalExact
    }
}

/// Calls of a model's prediction API so far.
package struct UsageStatistics: Sendable {
    package let totalCalls: Int64
    package let successfulCalls: Int64
    package let totalResponseMilliseconds: Double
    /// nil before the first call, and when it was longer ago than calls are kept.
    package let lastCallAt: Timestamp?

    package init(totalCalls: Int64, successfulCalls: Int64, totalResponseMilliseconds: Double, lastCallAt: Timestamp? = nil) {
        self.totalCalls = totalCalls
        self.successfulCalls = successfulCalls
        self.totalResponseMilliseconds = totalResponseMilliseconds
        self.lastCallAt = lastCallAt
    }

    /// 0 to 1; nil before the first call.
    package var successRate: Double? { totalCalls == 0 ? nil : Double(successfulCalls) / Double(totalCalls) }
    package var averageResponseMilliseconds: Double? { totalCalls == 0 ? nil : totalResponseMilliseconds / Double(totalCalls) }
}
