import Database

extension Schema {
    /// The runtime that was asked for; NULL means `auto`.
    static let runtime = Migration(
        "0005-runtime",
        [
            "ALTER TABLE ml_model_versions ADD COLUMN runtime_choice TEXT"
        ]
    )
}
