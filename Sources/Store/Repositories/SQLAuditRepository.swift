package import Database
package import Domain

/// The audit log in SQL: rows are added, sealed each to the one before, and removed at the old end only.
package struct SQLAuditRepository: AuditRepository {
    private static let columns = "id, action, resource_type, resource_id, user_id, ip_address, request_id, details_json, created_at, seq, seal"
    private let database: any SQLDatabase
    private let seal: AuditSeal

    /// - Parameter key: 32 random bytes that are kept outside of the database.
    package init(_ database: any SQLDatabase, key: [UInt8]) {
        self.database = database
        seal = AuditSeal(key: key)
    }

    package func append(_ entry: AuditEntry) async throws {
        let details = try entry.details.map { try SQLJSON.text($0) }
        try await database.write { [seal] connection in
            let last = try Self.end("last", connection)
            let id = Identifier<AuditEntry>(at: entry.at).rawValue
            let place = last.place + 1
            let next = seal.seal(place: place, id: id, entry, details: details, after: last.seal)
            try connection.execute(
                "INSERT INTO audit_log (\(Self.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    .text(id), .text(entry.action), .text(entry.resourceType), .text(entry.resourceID), .optional(entry.userID?.rawValue),
                    .optional(entry.address), .optional(entry.requestID), .optional(details), .int(entry.at.milliseconds), .int(place), .text(next),
                ]
            )
            try Self.setEnd("last", place, next, seal, connection)
        }
    }

    /// Begins to seal: entries from before get their place, and the end is set. Done once, when the key is made: later an entry without a
    /// place, or a log without an end, is a forgery.
    package func begin() async throws {
        try await database.write { [seal] connection in
            var last: (place: Int64, seal: String) = (0, AuditSeal.start)
            for row in try connection.query("SELECT * FROM audit_log WHERE seq IS NULL ORDER BY created_at, id") {
                last = (last.place + 1, try Self.seal(of: row, at: last.place + 1, after: last.seal, seal))
                try connection.execute(
                    "UPDATE audit_log SET seq = ?, seal = ? WHERE id = ?", [.int(last.place), .text(last.seal), .text(try row.text("id"))])
            }
            try Self.setEnd("last", last.place, last.seal, seal, connection)
        }
    }

    package func records(_ query: AuditQuery) async throws -> [AuditRecord] {
        var conditions = ["seq IS NOT NULL"]
        var values: [SQLValue] = []
        func add(_ condition: String, _ value: SQLValue?) {
            guard let value else { return }
            conditions.append(condition)
            values.append(value)
        }
        add("user_id = ?", query.userID.map { .text($0.rawValue) })
        add("action = ?", query.action.map { .text($0) })
        add("resource_type = ?", query.resourceType.map { .text($0) })
        add("resource_id = ?", query.resourceID.map { .text($0) })
        add("created_at >= ?", query.since.map { .int($0.milliseconds) })
        add("created_at < ?", query.until.map { .int($0.milliseconds) })
        add("seq < ?", query.before.map { .int($0) })
        let (condition, bound) = (conditions.joined(separator: " AND "), values + [.int(Int64(query.limit))])
        return try await database.read { connection in
            try connection.query("SELECT * FROM audit_log WHERE \(condition) ORDER BY seq DESC LIMIT ?", bound).map { try AuditRecord(row: $0) }
        }
    }

    package func remove(before moment: Timestamp) async throws -> Int {
        try await database.write { [seal] connection in
            let kept = try connection.first("SELECT MIN(seq) AS seq FROM audit_log WHERE created_at >= ?", [.int(moment.milliseconds)])?.optionalInt("seq")
            let end = try Self.walk(to: kept.map { $0 - 1 }, seal, connection)
            guard case .reached(let entries, let place, let last) = end else {
                throw PlatformError(.storageFailure, "The audit log was changed; nothing is removed from it. hint: martlet audit verify")
            }
            guard entries > 0 else { return 0 }
            try connection.execute("DELETE FROM audit_log WHERE seq <= ?", [.int(place)])
            try Self.setEnd("first", place, last, seal, connection)
            return entries
        }
    }

    // MARK: - Verification

    package func verify() async throws -> AuditVerdict {
        try await database.read { [seal] connection in
            switch try Self.walk(to: nil, seal, connection) {
            case .broken(let place, let reason): return .broken(place: place, reason: reason)
            case .reached(let entries, let place, let reached):
                guard try Self.isSealed("last", seal, connection) else { return .broken(place: place, reason: "the last end of the log was changed or is gone") }
                let last = try Self.end("last", connection)
                guard place == last.place, reached == last.seal else { return .broken(place: place + 1, reason: "entries are missing at the end") }
                let all = try connection.first("SELECT COUNT(*) AS n FROM audit_log", [])?.int("n") ?? 0
                guard all == entries else { return .broken(place: 0, reason: "\(Int(all) - entries) entries have no place of their own in the log") }
                return .whole(entries: entries, last: place, seal: reached)
            }
        }
    }

    private enum Walk {
        case reached(entries: Int, place: Int64, seal: String)
        case broken(place: Int64, reason: String)
    }

    /// Checks every entry from the old end on.
    /// - Parameter limit: The last place to look at; nil: all.
    private static func walk(to limit: Int64?, _ seal: AuditSeal, _ connection: any SQLConnection) throws -> Walk {
        guard try isSealed("first", seal, connection) else { return .broken(place: 0, reason: "the first end of the log was changed") }
        let first = try end("first", connection)
        var (place, previous, entries) = (first.place, first.seal, 0)
        while true {
            let rows = try connection.query(
                "SELECT * FROM audit_log WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT 1000", [.int(place), .int(limit ?? .max)])
            guard !rows.isEmpty else { return .reached(entries: entries, place: place, seal: previous) }
            for row in rows {
                let found = try row.int("seq")
                guard found == place + 1 else { return .broken(place: place + 1, reason: "the entry is missing") }
                let expected = try Self.seal(of: row, at: found, after: previous, seal)
                guard try row.text("seal") == expected else { return .broken(place: found, reason: "the entry was changed or moved") }
                (place, previous, entries) = (found, expected, entries + 1)
            }
        }
    }

    private static func seal(of row: SQLRow, at place: Int64, after previous: String, _ seal: AuditSeal) throws -> String {
        seal.seal(place: place, id: try row.text("id"), try AuditEntry(row: row), details: try row.optionalText("details_json"), after: previous)
    }

    // MARK: - Ends

    /// The last entry, or the last one that was removed at the old end.
    private static func end(_ name: String, _ connection: any SQLConnection) throws -> (place: Int64, seal: String) {
        guard let row = try connection.first("SELECT * FROM audit_ends WHERE name = ?", [.text(name)]) else { return (0, AuditSeal.start) }
        return (try row.int("seq"), try row.text("seal"))
    }

    private static func setEnd(_ name: String, _ place: Int64, _ end: String, _ seal: AuditSeal, _ connection: any SQLConnection) throws {
        try connection.execute(
            """
            INSERT INTO audit_ends (name, seq, seal, code) VALUES (?, ?, ?, ?)
            ON CONFLICT(name) DO UPDATE SET seq = excluded.seq, seal = excluded.seal, code = excluded.code
            """, [.text(name), .int(place), .text(end), .text(seal.seal(end: name, place: place, end))])
    }

    private static func isSealed(_ name: String, _ seal: AuditSeal, _ connection: any SQLConnection) throws -> Bool {
        guard let row = try connection.first("SELECT * FROM audit_ends WHERE name = ?", [.text(name)]) else {
            // The old end is not there before the first removal.
            return name == "first"
        }
        return seal.seal(end: name, place: try row.int("seq"), try row.text("seal")) == (try row.text("code"))
    }
}

extension AuditEntry: Identified {
    package static let idPrefix = "audit_"

    fileprivate init(row: SQLRow) throws {
        self.init(
            action: try row.text("action"), resourceType: try row.text("resource_type"), resourceID: try row.text("resource_id"),
            userID: try row.optionalText("user_id").map(UserID.init(stored:)),
            details: try SQLJSON.optional(JSONValue.self, from: try row.optionalText("details_json")),
            address: try row.optionalText("ip_address"), requestID: try row.optionalText("request_id"), at: Timestamp(milliseconds: try row.int("created_at")))
    }
}

extension AuditRecord {
    fileprivate init(row: SQLRow) throws {
        self.init(place: try row.int("seq"), id: try row.text("id"), entry: try AuditEntry(row: row), seal: try row.text("seal"))
    }
}
