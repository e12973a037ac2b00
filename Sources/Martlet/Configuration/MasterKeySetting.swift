internal import Domain
internal import Files

/// Where the master keys of encryption at rest come from.
struct MasterKeySetting: Sendable {
    private let text: String?
    let path: String?

    init(text: String, path: String) {
        self.text = text.isEmpty ? nil : text
        self.path = path.isEmpty ? nil : path
    }

    var isGiven: Bool { text != nil || path != nil }

    /// - Throws: `invalidInput`.
    func keyring() throws -> MasterKeyring {
        guard (text == nil) != (path == nil) else {
            throw PlatformError(.invalidInput, "Expected either MARTLET_MASTER_KEY_FILE or MARTLET_MASTER_KEY. hint: martlet keys create makes a file.")
        }
        return if let path { try MasterKeyring(path: path) } else { try MasterKeyring(text: text ?? "") }
    }
}
