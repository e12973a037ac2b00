internal import Crypto
internal import Domain

/// The SHA-256 of a secret as a key of what is known of it; compared in a time that does not depend on where two differ.
struct SecretDigest: Hashable, Sendable {
    private let words: SIMD4<UInt64>

    init(of secret: String) {
        var secret = secret
        words = secret.withUTF8 { unsafe SHA256.hash(data: $0).withUnsafeBytes { unsafe Self.words($0) } }
    }

    /// - Parameter text: 64 hexadecimal digits, as they are stored; nil for anything else.
    init?(hexadecimal text: String) {
        guard let bytes = [UInt8](hexadecimal: text), bytes.count == SHA256.byteCount else { return nil }
        words = unsafe bytes.withUnsafeBytes { unsafe Self.words($0) }
    }

    private static func words(_ bytes: UnsafeRawBufferPointer) -> SIMD4<UInt64> { unsafe bytes.loadUnaligned(as: SIMD4<UInt64>.self) }

    static func == (left: Self, right: Self) -> Bool {
        let difference = left.words ^ right.words
        return difference[0] | difference[1] | difference[2] | difference[3] == 0
    }
}
