import Database

extension Schema {
    /// What is said about versions, stages, aliases, downloads; texts to search in; the catalogue in numbers, kept by triggers.
    static let registry = Migration(
        "0011-registry",
        [
            "ALTER TABLE ml_models ADD COLUMN algorithm TEXT",
            "ALTER TABLE ml_models ADD COLUMN metrics_json TEXT",
            "ALTER TABLE ml_models ADD COLUMN accuracy DOUBLE PRECISION",
            "ALTER TABLE ml_models ADD COLUMN downloads BIGINT NOT NULL DEFAULT 0",
            "ALTER TABLE ml_models ADD COLUMN file_bytes BIGINT NOT NULL DEFAULT 0",
            "ALTER TABLE ml_models ADD COLUMN stage TEXT NOT NULL DEFAULT 'development'",
            "ALTER TABLE ml_models ADD COLUMN needs_approval BOOLEAN NOT NULL DEFAULT FALSE",
            "ALTER TABLE ml_models ADD COLUMN parent_model_id TEXT",
            "ALTER TABLE ml_models ADD COLUMN history_rate DOUBLE PRECISION NOT NULL DEFAULT 0",
            "ALTER TABLE ml_models ADD COLUMN history_days BIGINT NOT NULL DEFAULT 30",
            """
            UPDATE ml_models SET file_bytes = (SELECT COALESCE(SUM(v.file_size), 0) FROM ml_model_versions v WHERE v.model_id = ml_models.id)
            """,
            "ALTER TABLE ml_model_versions ADD COLUMN deleted_at BIGINT",
            "ALTER TABLE ml_model_versions ADD COLUMN purged_at BIGINT",
            "CREATE INDEX ml_model_versions_deleted ON ml_model_versions (deleted_at) WHERE deleted_at IS NOT NULL",
            "CREATE INDEX ml_models_algorithm ON ml_models (algorithm, created_at DESC, id DESC)",
            "CREATE INDEX ml_models_name ON ml_models (owner_id, name)",
            "CREATE INDEX ml_models_accuracy ON ml_models (accuracy DESC)",
            "CREATE INDEX ml_models_downloads ON ml_models (downloads DESC, id DESC)",
            """
            CREATE TABLE version_records (
                id TEXT PRIMARY KEY, model_id TEXT NOT NULL REFERENCES ml_models(id), version TEXT NOT NULL, algorithm TEXT,
                hyperparameters_json TEXT NOT NULL, metrics_json TEXT NOT NULL, dataset_json TEXT NOT NULL, training_json TEXT NOT NULL, parent_id TEXT,
                stage TEXT NOT NULL, created_at BIGINT NOT NULL, created_by TEXT NOT NULL, deleted_at BIGINT, UNIQUE (model_id, version)
            )
            """,
            """
            INSERT INTO version_records SELECT id, model_id, version, NULL, '{}', '{}', '{}', '{}', NULL, 'development', created_at, created_by, NULL
            FROM ml_model_versions
            """,
            """
            CREATE TABLE model_aliases (
                model_id TEXT NOT NULL REFERENCES ml_models(id), name TEXT NOT NULL, version_id TEXT NOT NULL, updated_at BIGINT NOT NULL,
                updated_by TEXT NOT NULL, PRIMARY KEY (model_id, name)
            )
            """,
            """
            CREATE TABLE promotions (
                id TEXT PRIMARY KEY, model_id TEXT NOT NULL REFERENCES ml_models(id), version_id TEXT NOT NULL, from_stage TEXT NOT NULL, to_stage TEXT NOT NULL,
                archived_json TEXT NOT NULL, state TEXT NOT NULL, comment TEXT, requested_by TEXT NOT NULL, requested_at BIGINT NOT NULL, decided_by TEXT,
                decided_at BIGINT
            )
            """,
            "CREATE INDEX promotions_model ON promotions (model_id, requested_at DESC)",
            """
            CREATE TABLE model_downloads (
                id TEXT PRIMARY KEY, model_id TEXT NOT NULL, version_id TEXT NOT NULL, user_id TEXT NOT NULL, created_at BIGINT NOT NULL
            )
            """,
            "CREATE INDEX model_downloads_model ON model_downloads (model_id, created_at)",
            "CREATE INDEX model_downloads_time ON model_downloads (created_at)",
            "CREATE TABLE model_text_ids (id INTEGER PRIMARY KEY, model_id TEXT NOT NULL UNIQUE)",
            "CREATE VIRTUAL TABLE model_texts USING fts5 (name, description, tags, algorithm, dataset, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3')",
            "INSERT INTO model_text_ids (model_id) SELECT id FROM ml_models",
            """
            INSERT INTO model_texts (rowid, name, description, tags, algorithm, dataset)
            SELECT i.id, m.name, m.description, COALESCE((SELECT GROUP_CONCAT(tag, ' ') FROM tags t WHERE t.model_id = m.id), ''), '', ''
            FROM ml_models m JOIN model_text_ids i ON i.model_id = m.id
            """,
            """
            CREATE TABLE catalogue_counts (
                viewer TEXT NOT NULL, algorithm TEXT NOT NULL, status TEXT NOT NULL, models BIGINT NOT NULL, stored BIGINT NOT NULL, bytes BIGINT NOT NULL,
                downloads BIGINT NOT NULL, PRIMARY KEY (viewer, algorithm, status)
            )
            """,
            "CREATE TABLE catalogue_days (viewer TEXT NOT NULL, day BIGINT NOT NULL, models BIGINT NOT NULL, PRIMARY KEY (viewer, day))",
        ] + CatalogueTriggers.all
    )
}
