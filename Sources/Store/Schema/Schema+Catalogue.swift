import Database

extension Schema {
    /// Models, their versions, generated APIs and what people say of them.
    static let catalogue = Migration(
        "0002-catalogue",
        [
            """
            CREATE TABLE ml_models (
                id TEXT PRIMARY KEY, name TEXT NOT NULL, description TEXT NOT NULL, model_type TEXT NOT NULL, framework TEXT,
                version TEXT NOT NULL, current_version_id TEXT, owner_id TEXT NOT NULL REFERENCES users(id),
                is_public BOOLEAN NOT NULL DEFAULT FALSE, category TEXT, status TEXT NOT NULL, validation_status TEXT NOT NULL,
                created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, deleted_at BIGINT, purged_at BIGINT, metadata_json TEXT
            )
            """,
            "CREATE INDEX ml_models_created ON ml_models (created_at DESC, id DESC)",
            "CREATE INDEX ml_models_owner ON ml_models (owner_id, created_at DESC, id DESC)",
            """
            CREATE TABLE tags (
                model_id TEXT NOT NULL REFERENCES ml_models(id) ON DELETE CASCADE, tag TEXT NOT NULL, position BIGINT NOT NULL,
                PRIMARY KEY (model_id, tag)
            )
            """,
            "CREATE INDEX tags_tag ON tags (tag, model_id)",
            """
            CREATE TABLE ml_model_versions (
                id TEXT PRIMARY KEY, model_id TEXT NOT NULL REFERENCES ml_models(id), version TEXT NOT NULL, ordinal BIGINT NOT NULL,
                file_path TEXT NOT NULL, original_name TEXT NOT NULL, file_size BIGINT NOT NULL, file_hash TEXT NOT NULL,
                format TEXT NOT NULL, requirements_json TEXT NOT NULL, python_version TEXT, input_schema_json TEXT,
                output_schema_json TEXT, signature_json TEXT, environment_key TEXT, runtime TEXT, validation_status TEXT NOT NULL,
                validation_date BIGINT, is_active BOOLEAN NOT NULL DEFAULT FALSE, created_at BIGINT NOT NULL,
                created_by TEXT NOT NULL REFERENCES users(id), notes TEXT,
                UNIQUE (model_id, version), UNIQUE (model_id, ordinal)
            )
            """,
            """
            CREATE TABLE ml_model_apis (
                id TEXT PRIMARY KEY, model_id TEXT NOT NULL UNIQUE REFERENCES ml_models(id), version_id TEXT NOT NULL,
                endpoint_path TEXT NOT NULL, is_active BOOLEAN NOT NULL, rate_limit_per_minute BIGINT, is_async BOOLEAN NOT NULL,
                created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL
            )
            """,
            """
            CREATE TABLE ml_model_permissions (
                id TEXT PRIMARY KEY, model_id TEXT NOT NULL REFERENCES ml_models(id), user_id TEXT REFERENCES users(id),
                group_id TEXT REFERENCES groups(id), permission_type TEXT NOT NULL, granted_by TEXT REFERENCES users(id),
                granted_at BIGINT NOT NULL, expires_at BIGINT
            )
            """,
            """
            CREATE TABLE ratings (
                model_id TEXT NOT NULL REFERENCES ml_models(id), user_id TEXT NOT NULL REFERENCES users(id), stars BIGINT NOT NULL,
                review TEXT, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, PRIMARY KEY (model_id, user_id)
            )
            """,
        ]
    )
}
