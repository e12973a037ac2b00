/// Triggers that keep `catalogue_counts` and `catalogue_days`: they cannot be forgotten by a statement, and end with its transaction.
///
/// A model counts twice: for `all`, and for `public` or, when it is not, for its owner. Whoever asks adds up what they may see. What was
/// deleted goes on counting for `all`, under its status.
enum CatalogueTriggers {
    static var all: [String] {
        [
            "CREATE TRIGGER catalogue_insert AFTER INSERT ON ml_models BEGIN \(change("NEW", 1)) END",
            """
            CREATE TRIGGER catalogue_update AFTER UPDATE OF algorithm, status, is_public, owner_id, downloads, file_bytes ON ml_models BEGIN
                \(change("OLD", -1)) \(change("NEW", 1))
            END
            """,
            "CREATE TRIGGER catalogue_delete AFTER DELETE ON ml_models BEGIN \(change("OLD", -1)) END",
        ] + fill
    }

    /// What is there already.
    private static let fill = viewers("m").flatMap { viewer in
        [
            """
            INSERT INTO catalogue_counts SELECT \(viewer), COALESCE(m.algorithm, ''), m.status, COUNT(*), SUM(m.file_bytes > 0), SUM(m.file_bytes), SUM(m.downloads)
            FROM ml_models m WHERE m.status <> 'deleted' OR \(viewer) = 'all' GROUP BY 1, 2, 3
            """,
            """
            INSERT INTO catalogue_days SELECT \(viewer), m.created_at / 86400000, COUNT(*) FROM ml_models m WHERE m.status <> 'deleted' GROUP BY 1, 2
            """,
        ]
    }

    private static func change(_ row: String, _ sign: Int) -> String {
        viewers(row).map { viewer in
            """
            INSERT INTO catalogue_counts (viewer, algorithm, status, models, stored, bytes, downloads)
            SELECT \(viewer), COALESCE(\(row).algorithm, ''), \(row).status, \(sign), \(sign) * (\(row).file_bytes > 0), \(sign) * \(row).file_bytes,
                \(sign) * \(row).downloads
            WHERE \(row).status <> 'deleted' OR \(viewer) = 'all'
            ON CONFLICT(viewer, algorithm, status) DO UPDATE SET models = models + excluded.models, stored = stored + excluded.stored,
                bytes = bytes + excluded.bytes, downloads = downloads + excluded.downloads;
            INSERT INTO catalogue_days (viewer, day, models) SELECT \(viewer), \(row).created_at / 86400000, \(sign) WHERE \(row).status <> 'deleted'
            ON CONFLICT(viewer, day) DO UPDATE SET models = models + excluded.models;
            """
        }.joined(separator: "\n")
    }

    private static func viewers(_ row: String) -> [String] {
        ["'all'", "CASE WHEN \(row).is_public THEN 'public' ELSE \(row).owner_id END"]
    }
}
