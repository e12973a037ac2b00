package import Database
package import Domain

/// Ratings, and what can be chosen from in the marketplace, in SQL.
package struct SQLRatingRepository: RatingRepository {
    private static let facetValues = 20
    /// Of longer lists, the facets of so many are counted: those that were downloaded most.
    private static let countedModels = 1000
    private let database: any SQLDatabase
    private let known = FacetCache()

    package init(_ database: any SQLDatabase) {
        self.database = database
    }

    package func save(_ rating: Rating) async throws {
        try await database.write { connection in
            try connection.execute(
                """
                INSERT INTO ratings (model_id, user_id, stars, review, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT(model_id, user_id) DO UPDATE SET stars = excluded.stars, review = excluded.review, updated_at = excluded.updated_at
                """,
                [
                    .text(rating.modelID.rawValue), .text(rating.userID.rawValue), .int(Int64(rating.stars)), .optional(rating.review),
                    .int(rating.createdAt.milliseconds), .int(rating.updatedAt.milliseconds),
                ])
        }
    }

    package func remove(of user: UserID, on model: ModelID) async throws -> Bool {
        try await database.write { connection in
            try connection.execute("DELETE FROM ratings WHERE model_id = ? AND user_id = ?", [.text(model.rawValue), .text(user.rawValue)]) == 1
        }
    }

    package func ratings(of model: ModelID, limit: Int, offset: Int) async throws -> [Rating] {
        try await database.read { connection in
            try connection.query(
                """
                SELECT r.*, u.username FROM ratings r JOIN users u ON u.id = r.user_id WHERE r.model_id = ? ORDER BY r.updated_at DESC, r.user_id LIMIT ? OFFSET ?
                """, [.text(model.rawValue), .int(Int64(limit)), .int(Int64(offset))]
            ).map { row in
                Rating(
                    modelID: model, userID: UserID(stored: try row.text("user_id")), username: try row.text("username"), stars: Int(try row.int("stars")),
                    review: try row.optionalText("review"), createdAt: Timestamp(milliseconds: try row.int("created_at")),
                    updatedAt: Timestamp(milliseconds: try row.int("updated_at")))
            }
        }
    }

    package func distribution(of model: ModelID) async throws -> [Int: Int] {
        try await database.read { connection in
            try connection.query("SELECT stars, COUNT(*) AS n FROM ratings WHERE model_id = ? GROUP BY stars", [.text(model.rawValue)]).reduce(into: [:]) {
                $0[Int(try $1.int("stars"))] = Int(try $1.int("n"))
            }
        }
    }

    package func facets(_ query: ModelQuery) async throws -> Facets {
        let filter = SQLModelRepository.filter(query)
        let key = FacetCache.Key(condition: filter.condition, values: filter.values)
        let endedWrites = database.endedWrites
        if let facets = known.facets(key, endedWrites: endedWrites) { return facets }
        let facets = try await count(filter.condition, filter.values)
        known.keep(facets, for: key, endedWrites: endedWrites)
        return facets
    }

    private func count(_ condition: String, _ values: [SQLValue]) async throws -> Facets {
        try await database.read { connection in
            let limit = Self.countedModels
            let rows = try connection.query(
                """
                SELECT m.id, m.category, m.framework, m.algorithm FROM ml_models m WHERE \(condition) ORDER BY m.downloads DESC, m.id DESC LIMIT \(limit + 1)
                """, values)
            var facets = Facets()
            facets.areExact = rows.count <= limit
            let counted = rows.prefix(limit)
            facets.categories = Self.counts(try counted.compactMap { try $0.optionalText("category") })
            facets.frameworks = Self.counts(try counted.compactMap { try $0.optionalText("framework") })
            facets.algorithms = Self.counts(try counted.compactMap { try $0.optionalText("algorithm") })
            let ids = try counted.map { SQLValue.text(try $0.text("id")) }
            let among = "model_id IN (\(SQLModelRepository.marks(ids.count)))"
            facets.tags = Self.counts(try connection.query("SELECT tag FROM tags WHERE \(among)", ids).map { try $0.text("tag") })
            facets.licenses = Self.counts(
                try connection.query("SELECT license FROM model_cards WHERE \(among) AND license IS NOT NULL", ids).map { try $0.text("license") })
            return facets
        }
    }

    /// The values that are met most, and how often.
    private static func counts(_ values: [String]) -> [(value: String, count: Int)] {
        let counts = Dictionary(values.map { ($0, 1) }, uniquingKeysWith: +)
        let most = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(facetValues)
        return most.map { (value: $0.key, count: $0.value) }
    }
}
