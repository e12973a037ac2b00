import Database

extension Schema {
    /// The hash of the code that came with a version.
    static let customCode = Migration(
        "0004-custom-code",
        [
            "ALTER TABLE ml_model_versions ADD COLUMN custom_api_hash TEXT"
        ]
    )
}
