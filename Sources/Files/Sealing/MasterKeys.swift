internal import Crypto
package import Domain
internal import Foundation

/// The keys that wrap the keys of folders, newest first: all of them open, the first one wraps.
package struct MasterKeys: Sendable {
    private struct Key {
        /// The first 16 hexadecimal characters of the key's SHA-256.
        let id: String
        let key: SymmetricKey
    }

    private let keys: [Key]

    /// - Parameter text: Keys of 64 hexadecimal characters, one a line or separated by commas, newest first.
    /// - Throws: `invalidInput`.
    package init(_ text: String) throws(PlatformError) {
        let words = text.split { $0 == "," || $0.isWhitespace }
        let keys = words.compactMap { [UInt8](hexadecimal: $0) }.filter { $0.count == 32 }
        guard !keys.isEmpty, keys.count == words.count else {
            throw PlatformError(.invalidInput, "A master key has 64 hexadecimal characters. hint: martlet keys create makes one.")
        }
        self.keys = keys.map { Key(id: String(SHA256.hash(data: $0).hexadecimal.prefix(16)), key: SymmetricKey(data: $0)) }
    }

    /// A new key as text.
    package static func makeText() -> String {
        unsafe SymmetricKey(size: .bits256).withUnsafeBytes { unsafe Array($0) }.hexadecimal
    }

    /// What the key that wraps is called.
    var current: String { keys[0].id }

    /// The keys as they are read.
    var texts: [String] { keys.map { unsafe $0.key.withUnsafeBytes { unsafe Array($0) }.hexadecimal } }

    /// The key of a folder as it is stored: what the master key is called, and the key under it, bound to `place`.
    package func wrap(_ key: FileKey, for place: String) throws -> String {
        "\(keys[0].id) \(try key.wrapped(by: keys[0].key, for: place).hexadecimal)\n"
    }

    /// - Returns: The key, and whether the newest master key wrapped it.
    /// - Throws: `storageFailure` when none of the keys fits, or it was wrapped for another place.
    package func unwrap(_ text: String, for place: String) throws(PlatformError) -> (key: FileKey, isCurrent: Bool) {
        let parts = text.split { $0 == " " || $0 == "\n" }
        guard parts.count == 2, let bytes = [UInt8](hexadecimal: parts[1]) else { throw PlatformError(.storageFailure, "The key of a version cannot be read.") }
        guard let master = keys.first(where: { $0.id == parts[0] }) else {
            throw PlatformError(
                .storageFailure, "No master key is called \(parts[0].prefix(16)), which a version is encrypted with. hint: give the older keys too, behind the new one.")
        }
        do {
            return (try FileKey(unwrapping: bytes, by: master.key, for: place), master.id == current)
        } catch {
            throw PlatformError(.storageFailure, "The key of a version was changed, or belongs to another one.", cause: error)
        }
    }
}
