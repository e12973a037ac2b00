import Database
import Domain

/// The words of each model, for searches: https://www.sqlite.org/fts5.html
enum SQLModelText {
    /// Writes a model's words anew.
    static func write(_ model: ModelID, _ connection: any SQLConnection) throws {
        let id = SQLValue.text(model.rawValue)
        try connection.execute("INSERT INTO model_text_ids (model_id) VALUES (?) ON CONFLICT(model_id) DO NOTHING", [id])
        try connection.execute("DELETE FROM model_texts WHERE rowid = (SELECT id FROM model_text_ids WHERE model_id = ?)", [id])
        try connection.execute(
            """
            INSERT INTO model_texts (rowid, name, description, tags, algorithm, dataset)
            SELECT i.id, m.name, m.description, COALESCE((SELECT GROUP_CONCAT(tag, ' ') FROM tags t WHERE t.model_id = m.id), ''),
                COALESCE(REPLACE(m.algorithm, '_', ' '), ''),
                COALESCE((SELECT r.dataset_json FROM version_records r WHERE r.model_id = m.id ORDER BY r.created_at DESC, r.id DESC LIMIT 1), '')
            FROM ml_models m JOIN model_text_ids i ON i.model_id = m.id WHERE m.id = ?
            """, [id])
    }

    /// Every word of a text must begin a word of the model. Names written with `_` are words apart.
    /// - Parameter isWhole: Whether it must be the whole word, and not only its beginning.
    /// - Returns: nil for a text without words.
    static func match(_ text: String, isWhole: Bool = false) -> String? {
        let words = text.split { !$0.isLetter && !$0.isNumber }.prefix(16)
        return words.isEmpty ? nil : words.map { "\"\($0)\"\(isWhole ? "" : "*")" }.joined(separator: " ")
    }
}
