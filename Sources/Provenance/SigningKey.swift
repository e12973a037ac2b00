internal import Crypto
internal import Foundation

/// The Ed25519 key (RFC 8032) that a server signs with.
package struct SigningKey: Sendable {
    private let key: Curve25519.Signing.PrivateKey

    /// - Parameter seed: 32 bytes.
    package init(seed: [UInt8]) throws {
        key = try Curve25519.Signing.PrivateKey(rawRepresentation: seed)
    }

    package var verifier: VerifyingKey { VerifyingKey(key.publicKey) }

    func signature(of bytes: [UInt8]) throws -> [UInt8] { Array(try key.signature(for: bytes)) }
}

/// The public half of a ``SigningKey``: 32 bytes, written in base64.
package struct VerifyingKey: Sendable, Hashable, CustomStringConvertible {
    private let bytes: Data

    init(_ key: Curve25519.Signing.PublicKey) {
        bytes = key.rawRepresentation
    }

    /// - Returns: nil unless the text is base64 of a key.
    package init?(_ text: some StringProtocol) {
        guard let bytes = Data(base64Encoded: text.trimmingCharacters(in: .whitespacesAndNewlines)),
            let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes)
        else { return nil }
        self.init(key)
    }

    package var description: String { bytes.base64EncodedString() }

    /// The first 16 hexadecimal digits of the key's SHA-256.
    package var id: String { SHA256.hash(data: bytes).prefix(8).map { String(format: "%02x", $0) }.joined() }

    func isSignature(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        (try? Curve25519.Signing.PublicKey(rawRepresentation: bytes))?.isValidSignature(signature, for: message) ?? false
    }
}
