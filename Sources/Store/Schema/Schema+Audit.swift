import Database

extension Schema {
    /// The place of each entry in the audit log, and what seals it to the one before.
    static let auditChain = Migration(
        "0008-audit-chain",
        [
            "ALTER TABLE audit_log ADD COLUMN seq BIGINT",
            "ALTER TABLE audit_log ADD COLUMN seal TEXT",
            "CREATE UNIQUE INDEX audit_log_seq ON audit_log (seq)",
            "CREATE INDEX audit_log_user ON audit_log (user_id, seq)",
            "CREATE INDEX audit_log_resource ON audit_log (resource_id, seq)",
            """
            CREATE TABLE audit_ends (
                name TEXT PRIMARY KEY, seq BIGINT NOT NULL, seal TEXT NOT NULL, code TEXT NOT NULL
            )
            """,
        ]
    )
}
