import Database

extension Schema {
    /// Cards, complaints, inboxes, webhooks.
    static let community = Migration(
        "0015-community",
        [
            "ALTER TABLE ml_models ADD COLUMN is_moderated BOOLEAN NOT NULL DEFAULT FALSE",
            """
            CREATE TABLE model_cards (
                model_id TEXT PRIMARY KEY REFERENCES ml_models (id), markdown TEXT NOT NULL, html TEXT NOT NULL, front_matter_json TEXT NOT NULL, license TEXT,
                updated_at BIGINT NOT NULL, updated_by TEXT NOT NULL
            )
            """,
            "CREATE INDEX model_cards_license ON model_cards (license)",
            """
            CREATE TABLE model_reports (
                id TEXT PRIMARY KEY, model_id TEXT NOT NULL REFERENCES ml_models (id), reporter_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
                reason TEXT NOT NULL, text TEXT NOT NULL, state TEXT NOT NULL, created_at BIGINT NOT NULL, decided_by TEXT, decided_at BIGINT, note TEXT
            )
            """,
            "CREATE UNIQUE INDEX model_reports_open ON model_reports (model_id, reporter_id) WHERE state = 'open'",
            "CREATE INDEX model_reports_state ON model_reports (state, id)",
            """
            CREATE TABLE notifications (
                id TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE, kind TEXT NOT NULL, model_id TEXT, message TEXT NOT NULL,
                details_json TEXT NOT NULL, created_at BIGINT NOT NULL, read_at BIGINT
            )
            """,
            "CREATE INDEX notifications_user ON notifications (user_id, id)",
            "CREATE INDEX notifications_unread ON notifications (user_id, id) WHERE read_at IS NULL",
            "CREATE INDEX notifications_created ON notifications (created_at)",
            """
            CREATE TABLE webhooks (
                id TEXT PRIMARY KEY, owner_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE, url TEXT NOT NULL, kinds_json TEXT NOT NULL,
                description TEXT NOT NULL, is_active BOOLEAN NOT NULL, secret_number BIGINT NOT NULL, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL
            )
            """,
            "CREATE INDEX webhooks_owner ON webhooks (owner_id)",
            """
            CREATE TABLE webhook_deliveries (
                id TEXT PRIMARY KEY, webhook_id TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE, kind TEXT NOT NULL, payload TEXT NOT NULL,
                state TEXT NOT NULL, attempts BIGINT NOT NULL, next_at BIGINT NOT NULL, last_status BIGINT, last_error TEXT, time_ms DOUBLE PRECISION,
                created_at BIGINT NOT NULL, ended_at BIGINT
            )
            """,
            "CREATE INDEX webhook_deliveries_hook ON webhook_deliveries (webhook_id, id)",
            "CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_at) WHERE state = 'pending'",
        ]
    )
}
