package import Domain
internal import Foundation
internal import Synchronization

/// The master keys of a server: given by the environment, or in a file that is read again when a key is missing.
package final class MasterKeyring: Sendable {
    private let path: String?
    private let keys: Mutex<MasterKeys>

    /// - Parameter text: As ``MasterKeys`` reads it.
    package init(text: String) throws(PlatformError) {
        path = nil
        keys = Mutex(try MasterKeys(text))
    }

    /// - Throws: `invalidInput` for a file that is not there, or that others may read.
    package init(path: String) throws(PlatformError) {
        self.path = path
        keys = Mutex(try Self.read(path))
    }

    /// The keys as text, newest first.
    package var texts: [String] { keys.withLock { $0 }.texts }

    /// Wraps by the newest key, also by one that was put into the file since the start.
    func wrap(_ key: FileKey, for place: String) throws -> String {
        try refresh()
        return try keys.withLock { $0 }.wrap(key, for: place)
    }

    private func refresh() throws {
        guard let path else { return }
        let read = try Self.read(path)
        keys.withLock { $0 = read }
    }

    func unwrap(_ text: String, for place: String) throws -> (key: FileKey, isCurrent: Bool) {
        do {
            return try keys.withLock { $0 }.unwrap(text, for: place)
        } catch {
            guard path != nil else { throw error }
            try refresh()
            return try keys.withLock { $0 }.unwrap(text, for: place)
        }
    }

    private static func read(_ path: String) throws(PlatformError) -> MasterKeys {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8),
            let mode = (try? FileManager.default.attributesOfItem(atPath: path))?[.posixPermissions] as? Int
        else { throw PlatformError(.invalidInput, "The master key's file '\(path)' cannot be read. hint: martlet keys create makes one.") }
        guard mode & 0o077 == 0 else { throw PlatformError(.invalidInput, "Others may read the master key's file '\(path)'. hint: chmod 600 it.") }
        return try MasterKeys(text)
    }
}
