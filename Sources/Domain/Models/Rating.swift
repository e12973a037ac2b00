/// What somebody thinks of a public model.
package struct Rating: Sendable {
    package let modelID: ModelID
    package let userID: UserID
    package let username: String
    /// 1 to 5.
    package let stars: Int
    package let review: String?
    package let createdAt: Timestamp
    package let updatedAt: Timestamp

    package init(modelID: ModelID, userID: UserID, username: String, stars: Int, review: String?, createdAt: Timestamp, updatedAt: Timestamp) {
        self.modelID = modelID
        self.userID = userID
        self.username = username
        self.stars = stars
        self.review = review
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

/// What ratings come to.
package struct RatingSummary: Sendable, Hashable {
    package var count: Int
    package var sum: Int

    package init(count: Int = 0, sum: Int = 0) {
        self.count = count
        self.sum = sum
    }

    /// 1 to 5; nil without ratings.
    package var average: Double? { count == 0 ? nil : Double(sum) / Double(count) }
}

/// How many models of a list have each value, most first.
package struct Facets: Sendable {
    /// Whether all models of the list were counted, and not only the most downloaded ones of a very long one.
    package var areExact = true
    package var categories: [(value: String, count: Int)] = []
    package var frameworks: [(value: String, count: Int)] = []
    package var algorithms: [(value: String, count: Int)] = []
    package var tags: [(value: String, count: Int)] = []
    package var licenses: [(value: String, count: Int)] = []

    package init() {}
}
