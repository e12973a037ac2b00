import Database

extension Schema {
    /// Tasks, validations and the usage log.
    static let work = Migration(
        "0003-work",
        [
            """
            CREATE TABLE tasks (
                id TEXT PRIMARY KEY, kind TEXT NOT NULL, model_id TEXT NOT NULL, version_id TEXT NOT NULL, owner_id TEXT NOT NULL,
                subject TEXT NOT NULL, state TEXT NOT NULL, progress DOUBLE PRECISION NOT NULL, step TEXT NOT NULL, input_json TEXT,
                result_json TEXT, error TEXT, attempts BIGINT NOT NULL, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL
            )
            """,
            "CREATE INDEX tasks_state ON tasks (state, created_at, id)",
            "CREATE INDEX tasks_owner ON tasks (owner_id, created_at DESC)",
            """
            CREATE TABLE ml_model_validations (
                id TEXT PRIMARY KEY, model_id TEXT NOT NULL REFERENCES ml_models(id),
                version_id TEXT NOT NULL REFERENCES ml_model_versions(id), task_id TEXT NOT NULL, validation_type TEXT NOT NULL,
                status TEXT NOT NULL, details_json TEXT, executed_by TEXT NOT NULL REFERENCES users(id), created_at BIGINT NOT NULL,
                executed_at BIGINT, execution_time_ms DOUBLE PRECISION
            )
            """,
            "CREATE INDEX ml_model_validations_model ON ml_model_validations (model_id, created_at DESC, id DESC)",
            """
            CREATE TABLE ml_model_usage_logs (
                id TEXT PRIMARY KEY, model_id TEXT NOT NULL, api_id TEXT, user_id TEXT, endpoint TEXT NOT NULL, request_data TEXT,
                response_status BIGINT NOT NULL, response_time_ms DOUBLE PRECISION NOT NULL, error_message TEXT, ip_address TEXT,
                created_at BIGINT NOT NULL
            )
            """,
            "CREATE INDEX ml_model_usage_logs_model ON ml_model_usage_logs (model_id, created_at)",
            """
            CREATE TABLE ml_model_usage_totals (
                model_id TEXT PRIMARY KEY, total_calls BIGINT NOT NULL, successful_calls BIGINT NOT NULL,
                total_response_ms DOUBLE PRECISION NOT NULL
            )
            """,
        ]
    )
}
