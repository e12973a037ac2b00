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
            let total = try Self.total(query, connection)
            var page = Filter(query, isTagFrequent: try Self.isTagFrequent(query, connection))
            if let after = query.after {
                page.add("(m.created_at, m.id) < (?, ?)", .int(after.createdAt.milliseconds), .text(after.id))
            }
            let rows = try connection.query(
                "\(Self.selectWithOwner) WHERE \(page.condition) ORDER BY \(query.order.sql) LIMIT ? OFFSET ?",
                page.values + [.int(Int64(query.limit)), .int(Int64(query.offset))]
            )
            let tags = try Self.tags(of: try rows.map { ModelID(stored: try $0.text("id")) }, connection)
            let models = try rows.map { (model: try Model(row: $0, tags: tags), owner: try User(row: $0, prefix: "u_")) }
            return ModelPage(models: models, total: total.count, isTotalExact: total.isExact)
        }
    }

    /// Whether many models have one of the tags, so that they are met soon on the way through the list.
    private static func isTagFrequent(_ query: ModelQuery, _ connection: any SQLConnection) throws -> Bool {
        let tags = query.tags + (query.tag.map { [$0] } ?? [])
        guard !tags.isEmpty else { return false }
        let row = try connection.first(
            "SELECT COUNT(*) AS n FROM (SELECT 1 FROM tags WHERE tag IN (\(marks(tags.count))) LIMIT \(rareTag + 1))", tags.map { .text($0) })
        return try row?.int("n") ?? 0 > rareTag
    }

    private static let rareTag: Int64 = 2000
    /// Of a frequent word, as many of the newest models that have it are looked at as a page could need.
    private static let newestMatches = 2000

    /// The condition of a query over `m`, and its bound values.
    static func filter(_ query: ModelQuery) -> (condition: String, values: [SQLValue]) {
        let filter = Filter(query)
        return (filter.condition, filter.values)
    }

    /// The condition of a query; every value is bound.
    private struct Filter {
        private(set) var conditions = ["m.status <> 'deleted'"]
        private(set) var values: [SQLValue] = []

        /// - Parameter isTagFrequent: Whether models are looked at one by one for their tags, instead of all that have them first.
        init(_ query: ModelQuery, isTagFrequent: Bool = false) {
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
                let newest = query.order == .newest ? "ORDER BY rowid DESC LIMIT \(SQLModelRepository.newestMatches + 4 * (query.offset + query.limit))" : ""
                add(
                    "m.id IN (SELECT i.model_id FROM model_text_ids i WHERE i.id IN (SELECT rowid FROM model_texts WHERE model_texts MATCH ? \(newest)))",
                    .text(SQLModelText.match(words) ?? "\"\""))
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
        let groups = viewer.groups.map { SQLValue.text($0.rawValue) }
        return (
            """
            (m.is_public = TRUE OR m.owner_id = ? OR EXISTS (
                SELECT 1 FROM ml_model_permissions p WHERE p.model_id = m.id AND (p.expires_at IS NULL OR p.expires_at > ?)
                AND (p.user_id = ? OR p.group_id IN (\(marks(groups.count))))))
            """,
            [.text(viewer.user.rawValue), .int(viewer.now.milliseconds), .text(viewer.user.rawValue)] + groups
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
