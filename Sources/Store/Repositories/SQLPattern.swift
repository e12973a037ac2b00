/// Patterns of `LIKE … ESCAPE '!'`.
enum SQLPattern {
    /// Matches lower-case text that holds `text` literally.
    static func containing(_ text: String) -> String {
        "%" + String(text.lowercased().flatMap { "!%_".contains($0) ? ["!", $0] : [$0] }) + "%"
    }
}
