import Database

extension Schema {
    /// Limits of accounts, roles of one's own, invitations, scopes of keys, rules of models, and the number that every change of them counts up.
    static let people = Migration(
        "0007-people",
        [
            "ALTER TABLE users ADD COLUMN subscription TEXT NOT NULL DEFAULT 'free'",
            "ALTER TABLE users ADD COLUMN requests_per_minute BIGINT",
            "ALTER TABLE users ADD COLUMN models_limit BIGINT",
            "ALTER TABLE users ADD COLUMN storage_quota BIGINT",
            "ALTER TABLE users ADD COLUMN uploads_per_hour BIGINT",
            "ALTER TABLE users ADD COLUMN closed_at BIGINT",
            "CREATE INDEX users_created ON users (created_at DESC, id DESC)",
            "CREATE TABLE roles (name TEXT PRIMARY KEY, description TEXT NOT NULL, permissions_json TEXT NOT NULL, created_at BIGINT NOT NULL)",
            "ALTER TABLE groups ADD COLUMN description TEXT NOT NULL DEFAULT ''",
            "CREATE INDEX group_members_user ON group_members (user_id)",
            """
            CREATE TABLE invitations (
                id TEXT PRIMARY KEY, token_hash TEXT NOT NULL UNIQUE, email TEXT, role TEXT NOT NULL, invited_by TEXT NOT NULL REFERENCES users(id),
                created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, used_by TEXT REFERENCES users(id)
            )
            """,
            "ALTER TABLE api_keys ADD COLUMN scope_json TEXT",
            "ALTER TABLE ml_models ADD COLUMN is_anonymous BOOLEAN NOT NULL DEFAULT FALSE",
            "ALTER TABLE ml_models ADD COLUMN addresses_json TEXT",
            "CREATE UNIQUE INDEX ml_model_permissions_user ON ml_model_permissions (model_id, user_id) WHERE user_id IS NOT NULL",
            "CREATE UNIQUE INDEX ml_model_permissions_group ON ml_model_permissions (model_id, group_id) WHERE group_id IS NOT NULL",
            "CREATE INDEX ml_model_permissions_of_user ON ml_model_permissions (user_id)",
            "CREATE INDEX ml_model_permissions_of_group ON ml_model_permissions (group_id)",
            "CREATE TABLE access_changes (id BIGINT PRIMARY KEY, count BIGINT NOT NULL)",
            "INSERT INTO access_changes (id, count) VALUES (1, 0)",
        ]
    )
}
