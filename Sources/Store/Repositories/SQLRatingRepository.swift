package import Database
package import Domain

/// Ratings, and what can be chosen from in the marketplace, in SQL.
package struct SQLRatingRepository: RatingRepository {
    private static let facetValues = 20
    private let database: any SQLDatabase

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
        try await database.read { connection in
            let filter = SQLModelRepository.filter(query)
            let limit = SQLModelRepository.countedModels
            let ids = try connection.query(
                "SELECT m.id FROM ml_models m WHERE \(filter.condition) ORDER BY m.downloads DESC, m.id DESC LIMIT \(limit + 1)", filter.values
            ).map { SQLValue.text(try $0.text("id")) }
            var facets = Facets()
            facets.areExact = ids.count <= limit
            let counted = Array(ids.prefix(limit))
            let among = "IN (\(SQLModelRepository.marks(counted.count)))"
            func counts(_ sql: String) throws -> [(value: String, count: Int)] {
                try connection.query("\(sql) GROUP BY 1 ORDER BY n DESC, 1 LIMIT \(Self.facetValues)", counted).map {
                    (try $0.text("value"), Int(try $0.int("n")))
                }
            }
            func column(_ name: String) throws -> [(value: String, count: Int)] {
                try counts("SELECT \(name) AS value, COUNT(*) AS n FROM ml_models WHERE id \(among) AND \(name) IS NOT NULL")
            }
            facets.categories = try column("category")
            facets.frameworks = try column("framework")
            facets.algorithms = try column("algorithm")
            facets.tags = try counts("SELECT tag AS value, COUNT(*) AS n FROM tags WHERE model_id \(among)")
            facets.licenses = try counts("SELECT license AS value, COUNT(*) AS n FROM model_cards WHERE model_id \(among) AND license IS NOT NULL")
            return facets
        }
    }
}
