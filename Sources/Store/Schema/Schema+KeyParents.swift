import Database

extension Schema {
    /// The key that a key was made with; NULL for one that was made by somebody who logged in.
    static let keyParents = Migration(
        "0009-key-parents",
        [
            "ALTER TABLE api_keys ADD COLUMN parent_id TEXT",
            "CREATE INDEX api_keys_parent ON api_keys (parent_id)",
        ]
    )
}
