import Database

extension Schema {
    /// Files that come in parts.
    static let uploads = Migration(
        "0012-uploads",
        [
            """
            CREATE TABLE resumable_uploads (
                id TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users(id), file_name TEXT NOT NULL, file_size BIGINT NOT NULL, file_hash TEXT,
                part_size BIGINT NOT NULL, version_id TEXT NOT NULL, created_at BIGINT NOT NULL
            )
            """,
            "CREATE INDEX resumable_uploads_user ON resumable_uploads (user_id, created_at DESC)",
            "CREATE INDEX ml_model_versions_hash ON ml_model_versions (file_hash)",
        ]
    )
}
