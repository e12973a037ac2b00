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

    /// Gives entries from before the log was sealed their place.
    package func sealOlder() async throws {
        try await database.write { [seal] connection in
            let rows = try connection.query("SELECT * FROM audit_log WHERE seq IS NULL ORDER BY created_at, id")
            guard !rows.isEmpty else { return }
            var last = try Self.end("last", connection)
            for row in rows {
                let id = try row.text("id")
                let next = seal.seal(
                    place: last.place + 1, id: id, try AuditEntry(row: row), details: try row.optionalText("details_json"), after: last.seal)
                last = (last.place + 1, next)
                try connection.execute("UPDATE audit_log SET seq = ?, seal = ? WHERE id = ?", [.int(last.place), .text(last.seal), .text(id)])
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
            let last = try connection.first(
                "SELECT seq, seal FROM audit_log WHERE created_at < ? AND seq IS NOT NULL ORDER BY seq DESC LIMIT 1", [.int(moment.milliseconds)])
            guard let last else { return 0 }
            let (place, end) = (try last.int("seq"), try last.text("seal"))
            let removed = try connection.execute("DELETE FROM audit_log WHERE seq <= ?", [.int(place)])
            try Self.setEnd("first", place, end, seal, connection)
            return removed
        }
    }

    // MARK: - Verification

    package func verify() async throws -> AuditVerdict {
        try await database.read { [seal] connection in
            for name in ["first", "last"] where try !Self.isSealed(name, seal, connection) {
                return .broken(place: try Self.end(name, connection).place, reason: "the \(name) end of the log was changed")
            }
            let (first, last) = (try Self.end("first", connection), try Self.end("last", connection))
            var (place, previous, entries) = (first.place, first.seal, 0)
            while true {
                let rows = try connection.query("SELECT * FROM audit_log WHERE seq > ? ORDER BY seq LIMIT 1000", [.int(place)])
                guard !rows.isEmpty else { break }
                for row in rows {
                    let found = try row.int("seq")
                    guard found == place + 1 else { return .broken(place: place + 1, reason: "the entry is missing") }
                    let expected = seal.seal(
                        place: found, id: try row.text("id"), try AuditEntry(row: row), details: try row.optionalText("details_json"), after: previous)
                    guard try row.text("seal") == expected else { return .broken(place: found, reason: "the entry was changed or moved") }
                    (place, previous, entries) = (found, expected, entries + 1)
                }
            }
            guard place == last.place, previous == last.seal else { return .broken(place: place + 1, reason: "entries are missing at the end") }
            let unsealed = try connection.first("SELECT COUNT(*) AS n FROM audit_log WHERE seq IS NULL OR seq <= ?", [.int(first.place)])?.int("n") ?? 0
            guard unsealed == 0 else { return .broken(place: 0, reason: "\(unsealed) entries have no place in the log") }
            return .whole(entries: entries, last: place, seal: previous)
        }
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
            // Neither end is there before the first entry; the old end is not before the first removal.
            return try name == "first" || connection.first("SELECT id FROM audit_log LIMIT 1", []) == nil
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
