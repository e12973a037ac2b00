import Database

extension Schema {
    /// Who called which version with which key, and what each day came to.
    static let usage = Migration(
        "0010-usage",
        [
            "ALTER TABLE ml_model_usage_logs ADD COLUMN version_id TEXT",
            "ALTER TABLE ml_model_usage_logs ADD COLUMN key_id TEXT",
            "ALTER TABLE ml_model_usage_logs ADD COLUMN row_count BIGINT",
            "ALTER TABLE ml_model_usage_logs ADD COLUMN response_data TEXT",
            "ALTER TABLE ml_model_usage_logs ADD COLUMN forget_at BIGINT",
            "CREATE INDEX ml_model_usage_logs_user ON ml_model_usage_logs (user_id, created_at, id)",
            "CREATE INDEX ml_model_usage_logs_failed ON ml_model_usage_logs (model_id, created_at) WHERE response_status >= 400",
            "CREATE INDEX ml_model_usage_logs_kept ON ml_model_usage_logs (forget_at) WHERE forget_at IS NOT NULL",
            "CREATE INDEX ml_model_usage_logs_time ON ml_model_usage_logs (created_at)",
            """
            CREATE TABLE usage_days (
                model_id TEXT NOT NULL, day BIGINT NOT NULL, version_id TEXT NOT NULL, key_id TEXT NOT NULL, calls BIGINT NOT NULL,
                successful_calls BIGINT NOT NULL, row_count BIGINT NOT NULL, loaded_calls BIGINT NOT NULL, total_ms DOUBLE PRECISION NOT NULL,
                successful_ms DOUBLE PRECISION NOT NULL, minimum_ms DOUBLE PRECISION, maximum_ms DOUBLE PRECISION, PRIMARY KEY (model_id, day, version_id, key_id)
            )
            """,
            """
            INSERT INTO usage_days SELECT model_id, created_at / 86400000, '', '', COUNT(*), SUM(response_status < 400), 0, 0, SUM(response_time_ms),
                SUM(CASE WHEN response_status < 400 THEN response_time_ms ELSE 0 END), MIN(CASE WHEN response_status < 400 THEN response_time_ms END),
                MAX(CASE WHEN response_status < 400 THEN response_time_ms END)
            FROM ml_model_usage_logs GROUP BY 1, 2
            """,
            "CREATE INDEX usage_days_key ON usage_days (key_id, day)",
            """
            CREATE TABLE usage_times (
                model_id TEXT NOT NULL, day BIGINT NOT NULL, bucket BIGINT NOT NULL, calls BIGINT NOT NULL, PRIMARY KEY (model_id, day, bucket)
            )
            """,
        ]
    )
}
