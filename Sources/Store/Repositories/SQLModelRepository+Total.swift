import Database
import Domain

/// How many models a list has: from the counters where they know it, else counted as far as somebody would look.
extension SQLModelRepository {
    /// How far behind the page models are counted one by one.
    static let countedAhead = 100

    /// - Parameter filter: The condition of the query over `m`, and its bound values.
    static func total(
        _ query: ModelQuery, _ filter: (condition: String, values: [SQLValue]), _ connection: any SQLConnection
    ) throws -> (count: Int, isExact: Bool) {
        if let count = try counted(query, connection) { return (count, true) }
        let most = query.offset + query.limit + countedAhead
        let row = try connection.first("SELECT COUNT(*) AS n FROM (SELECT 1 FROM ml_models m WHERE \(filter.condition) LIMIT \(most + 1))", filter.values)
        let count = Int(try row?.int("n") ?? 0)
        return (min(count, most), count <= most)
    }

    /// - Returns: nil where more is asked for than who sees the models, their status and algorithm.
    private static func counted(_ query: ModelQuery, _ connection: any SQLConnection) throws -> Int? {
        guard query.asksForNothingElse else { return nil }
        // A model that is public counts for nobody else, so that what all have but for the public ones is private.
        let viewers: [String] =
            switch (query.isPublic, query.visibleTo?.user.rawValue) {
            case (true, _): ["public"]
            case (false, let user?): [user]
            case (false, nil): ["all", "public"]
            case (nil, let user?): ["public", user]
            case (nil, nil): ["all"]
            }
        let sign = query.isPublic == false ? "CASE WHEN viewer = 'public' THEN -1 ELSE 1 END" : "1"
        var conditions = ["viewer IN (\(marks(viewers.count)))", "status <> 'deleted'"]
        var values = viewers.map { SQLValue.text($0) }
        for (column, value) in [("status", query.status?.rawValue), ("algorithm", query.algorithm)] {
            guard let value else { continue }
            conditions.append("\(column) = ?")
            values.append(.text(value))
        }
        let row = try connection.first("SELECT COALESCE(SUM(\(sign) * models), 0) AS n FROM catalogue_counts WHERE \(conditions.joined(separator: " AND "))", values)
        let own = Int(try row?.int("n") ?? 0)
        guard let viewer = query.visibleTo, query.isPublic != true else { return own }
        return own + (try granted(to: viewer, query, connection))
    }

    private static func granted(to viewer: ModelQuery.Viewer, _ query: ModelQuery, _ connection: any SQLConnection) throws -> Int {
        var (condition, values) = grantedOnly(to: viewer)
        for (column, value) in [("status", query.status?.rawValue), ("algorithm", query.algorithm)] {
            guard let value else { continue }
            condition += " AND m.\(column) = ?"
            values.append(.text(value))
        }
        return Int(try connection.first("SELECT COUNT(*) AS n FROM ml_models m WHERE \(condition)", values)?.int("n") ?? 0)
    }

    /// What somebody was given and is neither public nor their own, as SQL over `m`: a few models.
    static func grantedOnly(to viewer: ModelQuery.Viewer) -> (condition: String, values: [SQLValue]) {
        let given = given(to: viewer)
        return ("m.status <> 'deleted' AND m.is_public = FALSE AND m.owner_id <> ? AND m.id IN (\(given.sql))", [.text(viewer.user.rawValue)] + given.values)
    }
}

extension ModelQuery {
    /// Whether it asks for nothing beyond who sees the models, their status and algorithm.
    fileprivate var asksForNothingElse: Bool {
        let texts = [category, tag, framework, license, words, search]
        return texts.allSatisfy { $0 == nil } && ownerID == nil && type == nil && tags.isEmpty && stage == nil && minimumAccuracy == nil && among == nil
    }
}
