import Database

extension Schema {
    /// Long lists are walked in their indexes alone: who sees a model stands there too. What few rows have is found without all others.
    static let covering = Migration(
        "0019-covering",
        [
            "DROP INDEX ml_models_created",
            "DROP INDEX ml_models_algorithm",
            "DROP INDEX ml_models_category",
            "DROP INDEX ml_models_accuracy",
            "DROP INDEX ml_models_downloads",
            "CREATE INDEX ml_models_created ON ml_models (created_at DESC, id DESC, status, is_public, owner_id)",
            "CREATE INDEX ml_models_algorithm ON ml_models (algorithm, created_at DESC, id DESC, status, is_public, owner_id)",
            "CREATE INDEX ml_models_category ON ml_models (category, created_at DESC, id DESC, status, is_public, owner_id)",
            "CREATE INDEX ml_models_accuracy ON ml_models (accuracy DESC, id DESC, status, is_public, owner_id)",
            "CREATE INDEX ml_models_downloads ON ml_models (downloads DESC, id DESC, status, is_public, owner_id)",
            "CREATE INDEX ml_models_serving ON ml_models (id) WHERE current_version_id IS NOT NULL",
            "CREATE INDEX ml_model_versions_active ON ml_model_versions (model_id) WHERE is_active = TRUE",
            "CREATE INDEX ml_model_versions_environment ON ml_model_versions (environment_key, model_id) WHERE environment_key IS NOT NULL",
            "CREATE INDEX ml_model_versions_converted ON ml_model_versions (converted_environment_key, model_id) WHERE converted_environment_key IS NOT NULL",
        ]
    )
}
