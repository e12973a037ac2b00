import Database

extension Schema {
    /// When a model was called last stands with its totals; calls are found by their ids, which begin with the time.
    ///
    /// Each index less is a fifth of what writing down a call costs.
    static let lastCalls = Migration(
        "0018-last-calls",
        [
            "ALTER TABLE ml_model_usage_totals ADD COLUMN last_call_at BIGINT",
            """
            UPDATE ml_model_usage_totals
            SET last_call_at = (SELECT MAX(created_at) FROM ml_model_usage_logs WHERE ml_model_usage_logs.model_id = ml_model_usage_totals.model_id)
            """,
            "DROP INDEX ml_model_usage_logs_model",
            "DROP INDEX ml_model_usage_logs_time",
        ]
    )
}
