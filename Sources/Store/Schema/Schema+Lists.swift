import Database

extension Schema {
    /// What lists among very many models are read by.
    static let lists = Migration(
        "0017-lists",
        [
            "CREATE INDEX ml_models_category ON ml_models (category, created_at DESC, id DESC)",
            "CREATE INDEX ml_models_offers ON ml_models (category, is_public, status, downloads DESC, id DESC)",
            "CREATE INDEX ml_models_updated ON ml_models (updated_at DESC, id DESC)",
            "CREATE INDEX ml_models_names ON ml_models (name, id)",
            """
            CREATE INDEX ml_models_rating ON ml_models (
                (CASE WHEN rating_count = 0 THEN 0 ELSE 1.0 * rating_sum / rating_count END) DESC, rating_count DESC, id DESC)
            """,
        ]
    )
}
