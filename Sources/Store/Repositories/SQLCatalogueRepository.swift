package import Database
package import Domain

/// The catalogue in numbers, from counters that triggers keep.
package struct SQLCatalogueRepository: CatalogueRepository {
    private let database: any SQLDatabase

    package init(_ database: any SQLDatabase) {
        self.database = database
    }

    package func statistics(for viewer: ModelQuery.Viewer?, at now: Timestamp) async throws -> CatalogueStatistics {
        try await database.read { connection in
            var statistics = CatalogueStatistics()
            let names = viewer.map { ["public", $0.user.rawValue] } ?? ["all"]
            let places = names.map { _ in "?" }.joined(separator: ", ")
            for row in try connection.query("SELECT * FROM catalogue_counts WHERE viewer IN (\(places)) AND models > 0 AND status <> 'deleted'", names.map { .text($0) })
            {
                statistics.add(
                    try row.text("algorithm"), try row.text("status"), models: Int(try row.int("models")), stored: Int(try row.int("stored")),
                    bytes: try row.int("bytes"), downloads: Int(try row.int("downloads")))
            }
            let days = try connection.query(
                "SELECT day, models FROM catalogue_days WHERE viewer IN (\(places)) AND day > ?", names.map { .text($0) } + [.int(now.day - 7)])
            for row in days {
                let models = Int(try row.int("models"))
                statistics.addedInSevenDays += models
                if try row.int("day") == now.day { statistics.addedToday += models }
            }
            if let viewer { try Self.addGranted(to: &statistics, viewer, now, connection) }
            try Self.addDownloads(to: &statistics, viewer, now, connection)
            return statistics
        }
    }

    /// Compares the counters with the rows they count.
    /// - Returns: How many counters differ.
    package func drift() async throws -> Int {
        try await database.read { connection in
            let row = try connection.first(
                """
                SELECT COUNT(*) AS n FROM (
                    SELECT algorithm, status, models, bytes, downloads FROM catalogue_counts WHERE viewer = 'all' AND models <> 0
                    EXCEPT SELECT COALESCE(algorithm, ''), status, COUNT(*), SUM(file_bytes), SUM(downloads) FROM ml_models GROUP BY 1, 2
                )
                """, [])
            return Int(try row?.int("n") ?? 0)
        }
    }

    package func modelCount() async throws -> Int {
        try await database.read { connection in
            let row = try connection.first("SELECT COALESCE(SUM(models), 0) AS n FROM catalogue_counts WHERE viewer = 'all' AND status <> 'deleted'", [])
            return Int(try row?.int("n") ?? 0)
        }
    }

    package func registrations() async throws -> [String: Int] {
        try await database.read { connection in
            try connection.query("SELECT algorithm, SUM(models) AS models FROM catalogue_counts WHERE viewer = 'all' GROUP BY algorithm").reduce(into: [:]) {
                $0[try $1.text("algorithm")] = Int(try $1.int("models"))
            }
        }
    }

    package func mostDownloaded(limit: Int) async throws -> [(id: ModelID, algorithm: String, downloads: Int)] {
        try await database.read { connection in
            try connection.query(
                "SELECT id, algorithm, downloads FROM ml_models WHERE downloads > 0 AND status <> 'deleted' ORDER BY downloads DESC, id DESC LIMIT ?",
                [.int(Int64(limit))]
            ).map { (ModelID(stored: try $0.text("id")), try $0.optionalText("algorithm") ?? "", Int(try $0.int("downloads"))) }
        }
    }

    package func countDownload(of version: VersionID, _ model: ModelID, by user: UserID, at now: Timestamp) async throws {
        try await database.write { connection in
            try connection.execute("UPDATE ml_models SET downloads = downloads + 1 WHERE id = ?", [.text(model.rawValue)])
            try connection.execute(
                "INSERT INTO model_downloads (id, model_id, version_id, user_id, created_at) VALUES (?, ?, ?, ?, ?)",
                [
                    .text(Identifier<ModelDownload>(at: now).rawValue), .text(model.rawValue), .text(version.rawValue), .text(user.rawValue),
                    .int(now.milliseconds),
                ])
        }
    }

    /// What somebody was given and is neither public nor their own: a few models, looked at one by one.
    private static func addGranted(
        to statistics: inout CatalogueStatistics, _ viewer: ModelQuery.Viewer, _ now: Timestamp, _ connection: any SQLConnection
    ) throws {
        let granted = SQLModelRepository.grantedOnly(to: viewer)
        let rows = try connection.query("SELECT m.* FROM ml_models m WHERE \(granted.condition)", granted.values)
        for row in rows {
            let bytes = try row.int("file_bytes")
            statistics.add(
                try row.optionalText("algorithm") ?? "", try row.text("status"), models: 1, stored: bytes > 0 ? 1 : 0, bytes: bytes,
                downloads: Int(try row.int("downloads")))
            let day = Timestamp(milliseconds: try row.int("created_at")).day
            if day > now.day - 7 { statistics.addedInSevenDays += 1 }
            if day == now.day { statistics.addedToday += 1 }
        }
    }

    private static func addDownloads(
        to statistics: inout CatalogueStatistics, _ viewer: ModelQuery.Viewer?, _ now: Timestamp, _ connection: any SQLConnection
    ) throws {
        let dayAgo = now.adding(seconds: -86_400)
        let visible = viewer.map { SQLModelRepository.visible(to: $0) }
        let row = try connection.first(
            """
            SELECT COUNT(*) AS recent, COALESCE(SUM(d.created_at >= ?), 0) AS today FROM model_downloads d
            JOIN ml_models m ON m.id = d.model_id WHERE d.created_at > ? AND m.status <> 'deleted' \(visible.map { "AND \($0.condition)" } ?? "")
            """, [.int(Timestamp(day: now.day).milliseconds), .int(dayAgo.milliseconds)] + (visible?.values ?? []))
        statistics.downloadsInTheLastDay = Int(try row?.int("recent") ?? 0)
        statistics.downloadsToday = Int(try row?.int("today") ?? 0)
    }
}

/// A download that came to its end.
private enum ModelDownload: Identified {
    static let idPrefix = "dl_"
}

extension CatalogueStatistics {
    fileprivate mutating func add(_ algorithm: String, _ status: String, models: Int, stored: Int, bytes: Int64, downloads: Int) {
        self.models += models
        self.stored += stored
        self.bytes += bytes
        self.downloads += downloads
        byAlgorithm[algorithm.isEmpty ? "unknown" : algorithm, default: 0] += models
        byStatus[status, default: 0] += models
    }
}
