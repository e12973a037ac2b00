import Database

extension Schema {
    /// The models of a tag in the order of their age, so that a list of the newest reads no more of them than it shows.
    static let tagOrder = Migration(
        "0020-tag-order",
        [
            "ALTER TABLE tags ADD COLUMN created_at BIGINT NOT NULL DEFAULT 0",
            "UPDATE tags SET created_at = COALESCE((SELECT m.created_at FROM ml_models m WHERE m.id = tags.model_id), 0)",
            "DROP INDEX tags_tag",
            "CREATE INDEX tags_tag ON tags (tag, created_at DESC, model_id DESC)",
        ])
}
