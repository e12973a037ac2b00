internal import Crypto

/// The key that the files of one folder are sealed with: 256 random bits.
package struct FileKey: Sendable {
    private let key: SymmetricKey

    /// A new one.
    package init() {
        key = SymmetricKey(size: .bits256)
    }

    init(_ key: SymmetricKey) {
        self.key = key
    }

    /// The key of one file: another one for each `salt` and `role`, so that no file passes for another of the same folder (RFC 5869).
    func key(of role: String, salt: [UInt8]) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(inputKeyMaterial: key, salt: salt, info: Array("martlet file \(role)".utf8), outputByteCount: 32)
    }

    /// The key under a master key, bound to `place`.
    func wrapped(by master: SymmetricKey, for place: String) throws -> [UInt8] {
        let clear = unsafe key.withUnsafeBytes { unsafe Array($0) }
        guard let box = try AES.GCM.seal(clear, using: master, authenticating: Array(place.utf8)).combined else { return [] }
        return Array(box)
    }

    init(unwrapping bytes: [UInt8], by master: SymmetricKey, for place: String) throws {
        key = SymmetricKey(data: try AES.GCM.open(try AES.GCM.SealedBox(combined: bytes), using: master, authenticating: Array(place.utf8)))
    }
}
