import Database

extension Schema {
    /// What a network was converted to; NULL when it was not.
    static let conversion = Migration(
        "0006-conversion",
        [
            "ALTER TABLE ml_model_versions ADD COLUMN converted_hash TEXT",
            "ALTER TABLE ml_model_versions ADD COLUMN converted_environment_key TEXT",
            "ALTER TABLE ml_model_versions ADD COLUMN converted_tools_json TEXT",
        ]
    )
}
