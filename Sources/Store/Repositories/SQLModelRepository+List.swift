package import Domain
import Database

extension SQLModelRepository {
    package func id(of name: String, ownedBy owner: UserID) async throws -> ModelID? {
        try await database.read { connection in
            try connection.first(
                "SELECT id FROM ml_models WHERE owner_id = ? AND name = ? AND status <> 'deleted' ORDER BY created_at DESC, id DESC LIMIT 1",
                [.text(owner.rawValue), .text(name)]
            ).map { ModelID(stored: try $0.text("id")) }
        }
    }

    package func models(_ query: ModelQuery) async throws -> ModelPage {
        try await database.read { connection in
            let frequency = try Frequency(query, connection)
            let page = try Self.page(query, frequency, connection)
            guard frequency.newest != nil else { return page }
            // Only the newest models with the words were looked at: when they do not fill the page, all are.
            guard page.models.count == query.limit else { return try Self.page(query, frequency.forAll, connection) }
            return ModelPage(models: page.models, total: page.total, isTotalExact: false)
        }
    }

    private static func page(_ query: ModelQuery, _ frequency: Frequency, _ connection: any SQLConnection) throws -> ModelPage {
        let filter = Filter(query, frequency)
        let total = try Self.total(query, (filter.condition, filter.values), connection)
        var page = filter
        if let after = query.after {
            page.add("(m.created_at, m.id) < (?, ?)", .int(after.createdAt.milliseconds), .text(after.id))
        }
        // The models of the page are chosen before anything is joined to them: what is passed over costs less.
        let order = query.order.sql
        let rows = try connection.query(
            """
            \(Self.selectWithOwner) WHERE m.id IN (SELECT m.id FROM ml_models m WHERE \(page.condition) ORDER BY \(order) LIMIT ? OFFSET ?) ORDER BY \(order)
            """, page.values + [.int(Int64(query.limit)), .int(Int64(query.offset))])
        let tags = try Self.tags(of: try rows.map { ModelID(stored: try $0.text("id")) }, connection)
        let models = try rows.map { (model: try Model(row: $0, tags: tags), owner: try User(row: $0, prefix: "u_")) }
        return ModelPage(models: models, total: total.count, isTotalExact: total.isExact)
    }

    /// Whether what is looked for is met often, so that a list is better walked through than put together.
    private struct Frequency {
        private static let rareTag: Int64 = 2000
        /// Of frequent words, so many of the newest models that have them are looked at, and more for later pages.
        private static let newestMatches = 1000
        /// Whether very many models have one of the tags.
        let isTagFrequent: Bool
        /// How many of the newest models that have the very words are looked at; nil: all whose words begin with them.
        private(set) var newest: Int?

        /// The same without looking at the newest only.
        var forAll: Frequency {
            var all = self
            all.newest = nil
            return all
        }

        init(_ query: ModelQuery, _ connection: any SQLConnection) throws {
            func count(_ sql: String, _ values: [SQLValue], beyond most: Int64) throws -> Bool {
                try connection.first("SELECT COUNT(*) AS n FROM (\(sql) LIMIT \(most + 1))", values)?.int("n") ?? 0 > most
            }
            let tags = query.tags + (query.tag.map { [$0] } ?? [])
            isTagFrequent =
                try !tags.isEmpty
                && count("SELECT 1 FROM tags WHERE tag IN (\(SQLModelRepository.marks(tags.count)))", tags.map { .text($0) }, beyond: Self.rareTag)
            let candidates = Self.newestMatches + 4 * (query.offset + query.limit)
            let match = query.order == .newest ? query.words.flatMap { SQLModelText.match($0, isWhole: true) } : nil
            newest = try match.flatMap {
                try count("SELECT 1 FROM model_texts WHERE model_texts MATCH ?", [.text($0)], beyond: Int64(candidates)) ? candidates : nil
            }
        }
    }

    /// The condition of a query over `m`, and its bound values.
    static func filter(_ query: ModelQuery) -> (condition: String, values: [SQLValue]) {
        let filter = Filter(query, nil)
        return (filter.condition, filter.values)
    }

    /// The condition of a query; every value is bound.
    private struct Filter {
        private(set) var conditions = ["m.status <> 'deleted'"]
        private(set) var values: [SQLValue] = []

        init(_ query: ModelQuery, _ frequency: Frequency?) {
            if let viewer = query.visibleTo {
                let visible = SQLModelRepository.visible(to: viewer)
                add(visible.condition, visible.values)
            }
            if let among = query.among {
                add("m.id IN (\(SQLModelRepository.marks(among.count)))", among.map { .text($0.rawValue) })
            }
            if let category = query.category { add("m.category = ?", .text(category)) }
            if let license = query.license {
                add("EXISTS (SELECT 1 FROM model_cards c WHERE c.model_id = m.id AND c.license = ?)", .text(license))
            }
            if let isPublic = query.isPublic { add("m.is_public = ?", .bool(isPublic)) }
            if let owner = query.ownerID { add("m.owner_id = ?", .text(owner.rawValue)) }
            if let type = query.type { add("m.model_type = ?", .text(type.rawValue)) }
            if let status = query.status { add("m.status = ?", .text(status.rawValue)) }
            for tags in [query.tag.map { [$0] } ?? [], query.tags] where !tags.isEmpty {
                let places = SQLModelRepository.marks(tags.count)
                add(
                    frequency?.isTagFrequent ?? false
                        ? "EXISTS (SELECT 1 FROM tags t WHERE t.model_id = m.id AND t.tag IN (\(places)))"
                        : "m.id IN (SELECT t.model_id FROM tags t WHERE t.tag IN (\(places)))", tags.map { .text($0) })
            }
            if let algorithm = query.algorithm { add("m.algorithm = ?", .text(algorithm)) }
            if let framework = query.framework { add("m.framework = ?", .text(framework)) }
            if let stage = query.stage {
                add("m.id IN (SELECT r.model_id FROM version_records r WHERE r.stage = ? AND r.deleted_at IS NULL)", .text(stage.rawValue))
            }
            if let accuracy = query.minimumAccuracy { add("m.accuracy >= ?", .double(accuracy)) }
            if let words = query.words {
                let newest = frequency?.newest.map { "ORDER BY rowid DESC LIMIT \($0)" } ?? ""
                add(
                    "m.id IN (SELECT i.model_id FROM model_text_ids i WHERE i.id IN (SELECT rowid FROM model_texts WHERE model_texts MATCH ? \(newest)))",
                    .text(SQLModelText.match(words, isWhole: !newest.isEmpty) ?? "\"\""))
            }
            if let search = query.search {
                let pattern = SQLValue.text(SQLPattern.containing(search))
                add("(lower(m.name) LIKE ? ESCAPE '!' OR lower(m.description) LIKE ? ESCAPE '!')", pattern, pattern)
            }
        }

        var condition: String { conditions.joined(separator: " AND ") }

        mutating func add(_ condition: String, _ bound: SQLValue...) {
            add(condition, bound)
        }

        private mutating func add(_ condition: String, _ bound: [SQLValue]) {
            conditions.append(condition)
            values += bound
        }

    }

    /// The rule of ``ModelAccess`` for `view`, as SQL over `m`.
    static func visible(to viewer: ModelQuery.Viewer) -> (condition: String, values: [SQLValue]) {
        let given = given(to: viewer)
        return ("(m.is_public = TRUE OR m.owner_id = ? OR m.id IN (\(given.sql)))", [.text(viewer.user.rawValue)] + given.values)
    }

    /// The ids of the models that somebody was given, in person or in a group.
    static func given(to viewer: ModelQuery.Viewer) -> (sql: String, values: [SQLValue]) {
        let groups = viewer.groups.map { SQLValue.text($0.rawValue) }
        return (
            """
            SELECT p.model_id FROM ml_model_permissions p WHERE (p.expires_at IS NULL OR p.expires_at > ?)
            AND (p.user_id = ? OR p.group_id IN (\(marks(groups.count))))
            """, [.int(viewer.now.milliseconds), .text(viewer.user.rawValue)] + groups
        )
    }

    /// Places of a list; one of nothing holds NULL, which equals nothing.
    static func marks(_ count: Int) -> String {
        count == 0 ? "NULL" : repeatElement("?", count: count).joined(separator: ", ")
    }
}

extension ModelQuery.Order {
    /// Ties are broken by the id, so that pages do not overlap.
    fileprivate var sql: String {
        switch self {
        case .newest: "m.created_at DESC, m.id DESC"
        case .oldest: "m.created_at, m.id"
        case .name: "m.name, m.id"
        case .accuracy: "m.accuracy DESC, m.id DESC"
        case .downloads: "m.downloads DESC, m.id DESC"
        case .rating: "CASE WHEN m.rating_count = 0 THEN 0 ELSE 1.0 * m.rating_sum / m.rating_count END DESC, m.rating_count DESC, m.id DESC"
        case .updated: "m.updated_at DESC, m.id DESC"
        }
    }
}
