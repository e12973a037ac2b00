import Database

extension Schema {
    /// What ratings come to, kept by triggers: an average that cannot differ from its rows.
    static let sharing = Migration(
        "0013-sharing",
        [
            "ALTER TABLE ml_models ADD COLUMN rating_count BIGINT NOT NULL DEFAULT 0",
            "ALTER TABLE ml_models ADD COLUMN rating_sum BIGINT NOT NULL DEFAULT 0",
            "CREATE INDEX ml_models_public ON ml_models (is_public, status, downloads DESC)",
            """
            CREATE TRIGGER ratings_insert AFTER INSERT ON ratings BEGIN
                UPDATE ml_models SET rating_count = rating_count + 1, rating_sum = rating_sum + NEW.stars WHERE id = NEW.model_id;
            END
            """,
            """
            CREATE TRIGGER ratings_update AFTER UPDATE OF stars ON ratings BEGIN
                UPDATE ml_models SET rating_sum = rating_sum + NEW.stars - OLD.stars WHERE id = NEW.model_id;
            END
            """,
            """
            CREATE TRIGGER ratings_delete AFTER DELETE ON ratings BEGIN
                UPDATE ml_models SET rating_count = rating_count - 1, rating_sum = rating_sum - OLD.stars WHERE id = OLD.model_id;
            END
            """,
        ]
    )
}
