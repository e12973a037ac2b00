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
            let isTagFrequent = try Self.isTagFrequent(query, connection)
            if let newest = try Self.newestMatches(query, connection) ?? Self.newestTagged(query, isTagFrequent, connection) {
                let page = try Self.page(newest.others, among: newest.models, connection)
                // Only the newest models with the words or tags were looked at: when they go no further than the page, all are.
                if page.total >= query.offset + query.limit + Self.countedAhead { return page }
            }
            return try Self.page(query, isTagFrequent, connection)
        }
    }

    private static func page(_ query: ModelQuery, _ isTagFrequent: Bool, _ connection: any SQLConnection) throws -> ModelPage {
        let filter = Filter(query, isTagFrequent: isTagFrequent)
        let total = try Self.total(query, (filter.condition, filter.values), connection)
        var page = filter
        page.begin(after: query.after)
        let ids = try connection.query(
            "SELECT m.id FROM ml_models m WHERE \(page.condition) ORDER BY \(query.order.sql) LIMIT ? OFFSET ?",
            page.values + [.int(Int64(query.limit)), .int(Int64(query.offset))])
        return ModelPage(models: try models(ids.map { try $0.text("id") }, connection), total: total.count, isTotalExact: total.isExact)
    }

    /// The page of those of some models that meet the query.
    private static func page(_ query: ModelQuery, among newest: [SQLValue], _ connection: any SQLConnection) throws -> ModelPage {
        var filter = Filter(query, isTagFrequent: true)
        filter.add("m.id IN (\(marks(newest.count)))", newest)
        filter.begin(after: query.after)
        let ids = try connection.query("SELECT m.id FROM ml_models m WHERE \(filter.condition) ORDER BY \(query.order.sql)", filter.values)
        let page = try ids.dropFirst(query.offset).prefix(query.limit).map { try $0.text("id") }
        return ModelPage(models: try models(page, connection), total: ids.count, isTotalExact: false)
    }

    /// Models in the order of their ids, which were chosen before anything was joined to them: what is passed over costs less.
    private static func models(_ ids: [String], _ connection: any SQLConnection) throws -> [(model: Model, owner: User)] {
        let rows = try connection.query("\(selectWithOwner) WHERE m.id IN (\(marks(ids.count)))", ids.map { .text($0) })
        let tags = try tags(of: ids.map(ModelID.init(stored:)), connection)
        let found = try rows.map { (model: try Model(row: $0, tags: tags), owner: try User(row: $0, prefix: "u_")) }
        let places = Dictionary(uniqueKeysWithValues: ids.enumerated().map { ($1, $0) })
        return found.sorted { places[$0.model.id.rawValue, default: 0] < places[$1.model.id.rawValue, default: 0] }
    }

    // MARK: - What is met often

    private static let rareTag: Int64 = 2000
    /// Of frequent words and tags, so many of the newest models that have them are looked at, and more for later pages.
    private static let newestMatches = 200

    /// The newest models that meet a part of a query, and the rest of it.
    private typealias Newest = (models: [SQLValue], others: ModelQuery)

    /// One of a few numbers, so that there are few statements: each is kept prepared.
    private static func mostMatches(_ query: ModelQuery) -> Int? {
        let wanted = newestMatches + 4 * (query.offset + query.limit)
        return query.order == .newest ? [300, 600, 1200, 2400, 4800, 9600].first { $0 >= wanted } : nil
    }

    /// Whether very many models have one of the tags: then a list is better walked through than put together.
    private static func isTagFrequent(_ query: ModelQuery, _ connection: any SQLConnection) throws -> Bool {
        let tags = query.tags + (query.tag.map { [$0] } ?? [])
        guard !tags.isEmpty else { return false }
        let row = try connection.first(
            "SELECT COUNT(*) AS n FROM (SELECT 1 FROM tags WHERE tag IN (\(marks(tags.count))) LIMIT \(rareTag + 1))", tags.map { .text($0) })
        return try row?.int("n") ?? 0 > rareTag
    }

    /// The newest models that have the very words, when very many have them.
    private static func newestMatches(_ query: ModelQuery, _ connection: any SQLConnection) throws -> Newest? {
        guard let most = mostMatches(query), let match = query.words.flatMap({ SQLModelText.match($0, isWhole: true) }) else { return nil }
        let rows = try connection.query("SELECT rowid AS id FROM model_texts WHERE model_texts MATCH ? ORDER BY rowid DESC LIMIT \(most + 1)", [.text(match)])
        guard rows.count > most else { return nil }
        let texts = try rows.dropLast().map { SQLValue.int(try $0.int("id")) }
        let models = try connection.query("SELECT model_id FROM model_text_ids WHERE id IN (\(marks(texts.count)))", texts)
        var others = query
        others.words = nil
        return (try models.map { .text(try $0.text("model_id")) } + repeatElement(.null, count: texts.count - models.count), others)
    }

    /// The newest models that have one of the tags, when very many have one: each tag's models lie in the order of their age.
    private static func newestTagged(_ query: ModelQuery, _ isTagFrequent: Bool, _ connection: any SQLConnection) throws -> Newest? {
        let tags = query.tag.map { [$0] } ?? query.tags
        guard isTagFrequent, query.tag == nil || query.tags.isEmpty, let most = mostMatches(query) else { return nil }
        let place = query.after.map { [SQLValue.int($0.createdAt.milliseconds), .text($0.id)] } ?? []
        let each = """
            SELECT * FROM (SELECT model_id, created_at FROM tags WHERE tag = ?\(place.isEmpty ? "" : " AND (created_at, model_id) < (?, ?)")
            ORDER BY created_at DESC, model_id DESC LIMIT \(most + 1)) AS of_tag
            """
        let rows = try connection.query(
            "SELECT model_id FROM (\(tags.map { _ in each }.joined(separator: " UNION "))) AS tagged ORDER BY created_at DESC, model_id DESC LIMIT \(most + 1)",
            tags.flatMap { [.text($0)] + place })
        guard rows.count > most else { return nil }
        var others = query
        (others.tag, others.tags) = (nil, [])
        return (try rows.dropLast().map { .text(try $0.text("model_id")) }, others)
    }

    /// The condition of a query over `m`, and its bound values.
    static func filter(_ query: ModelQuery) -> (condition: String, values: [SQLValue]) {
        let filter = Filter(query, isTagFrequent: false)
        return (filter.condition, filter.values)
    }

    /// The condition of a query; every value is bound.
    private struct Filter {
        private(set) var conditions = ["m.status <> 'deleted'"]
        private(set) var values: [SQLValue] = []

        init(_ query: ModelQuery, isTagFrequent: Bool) {
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
                    isTagFrequent
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
                add(
                    "m.id IN (SELECT i.model_id FROM model_text_ids i WHERE i.id IN (SELECT rowid FROM model_texts WHERE model_texts MATCH ?))",
                    .text(SQLModelText.match(words, isWhole: false) ?? "\"\""))
            }
            if let search = query.search {
                let pattern = SQLValue.text(SQLPattern.containing(search))
                add("(lower(m.name) LIKE ? ESCAPE '!' OR lower(m.description) LIKE ? ESCAPE '!')", pattern, pattern)
            }
        }

        var condition: String { conditions.joined(separator: " AND ") }

        /// Only what comes after a place in the order of the newest.
        mutating func begin(after place: ModelQuery.Cursor?) {
            guard let place else { return }
            add("(m.created_at, m.id) < (?, ?)", .int(place.createdAt.milliseconds), .text(place.id))
        }

        private mutating func add(_ condition: String, _ bound: SQLValue...) {
            add(condition, bound)
        }

        mutating func add(_ condition: String, _ bound: [SQLValue]) {
            conditions.append(condition)
            values += bound
        }
    }

    /// The rule of ``ModelAccess`` for `view`, as SQL over `m`.
    static func visible(to viewer: ModelQuery.Viewer) -> (condition: String, values: [SQLValue]) {
        let given = given(to: viewer)
        // The plus keeps SQLite from putting all public models together first: https://www.sqlite.org/optoverview.html#disqualifying_where_clause_terms_using_unary_
        return ("(+m.is_public = TRUE OR m.owner_id = ? OR m.id IN (\(given.sql)))", [.text(viewer.user.rawValue)] + given.values)
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
