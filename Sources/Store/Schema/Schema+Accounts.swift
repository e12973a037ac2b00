import Database

extension Schema {
    /// Accounts, groups, logins, keys and the audit log.
    static let accounts = Migration(
        "0001-accounts",
        [
            """
            CREATE TABLE users (
                id TEXT PRIMARY KEY, email TEXT NOT NULL UNIQUE, username TEXT NOT NULL UNIQUE, password_hash TEXT NOT NULL,
                role TEXT NOT NULL, is_active BOOLEAN NOT NULL DEFAULT TRUE, created_at BIGINT NOT NULL
            )
            """,
            "CREATE TABLE groups (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, created_at BIGINT NOT NULL)",
            """
            CREATE TABLE group_members (
                group_id TEXT NOT NULL REFERENCES groups(id) ON DELETE CASCADE,
                user_id TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
                added_at BIGINT NOT NULL, PRIMARY KEY (group_id, user_id)
            )
            """,
            """
            CREATE TABLE refresh_tokens (
                token_hash TEXT PRIMARY KEY, session_id TEXT NOT NULL, user_id TEXT NOT NULL REFERENCES users(id),
                expires_at BIGINT NOT NULL, created_at BIGINT NOT NULL, used_at BIGINT, ended_at BIGINT
            )
            """,
            "CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id)",
            "CREATE INDEX refresh_tokens_ended ON refresh_tokens (ended_at)",
            """
            CREATE TABLE api_keys (
                id TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users(id), name TEXT NOT NULL, hint TEXT NOT NULL,
                key_hash TEXT NOT NULL UNIQUE, expires_at BIGINT, is_active BOOLEAN NOT NULL DEFAULT TRUE,
                created_at BIGINT NOT NULL, last_used_at BIGINT
            )
            """,
            "CREATE INDEX api_keys_user ON api_keys (user_id, created_at)",
            """
            CREATE TABLE audit_log (
                id TEXT PRIMARY KEY, action TEXT NOT NULL, resource_type TEXT NOT NULL, resource_id TEXT NOT NULL, user_id TEXT,
                ip_address TEXT, request_id TEXT, details_json TEXT, created_at BIGINT NOT NULL
            )
            """,
            "CREATE INDEX audit_log_time ON audit_log (created_at, id)",
        ]
    )
}
