internal import Domain
internal import Foundation

/// A statement and the signatures over it: DSSE, https://github.com/secure-systems-lab/dsse/blob/master/envelope.md
package struct SignedEnvelope: Sendable {
    private static let payloadType = "application/vnd.in-toto+json"
    private static let maximumBytes: Int64 = 4 << 20

    private struct Document: Codable {
        struct Signature: Codable {
            let keyid: String?
            let sig: String
        }

        let payloadType: String
        let payload: String
        let signatures: [Signature]
    }

    /// What is signed, as it was signed.
    private let payload: [UInt8]
    private let signatures: [[UInt8]]
    /// The envelope as it is stored.
    package let bytes: [UInt8]

    package init(signing statement: ProvenanceStatement, with key: SigningKey) throws {
        payload = try statement.encoded()
        let signature = try key.signature(of: Self.message(payload))
        signatures = [signature]
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        bytes = Array(
            try encoder.encode(
                Document(
                    payloadType: Self.payloadType, payload: Data(payload).base64EncodedString(),
                    signatures: [.init(keyid: key.verifier.id, sig: Data(signature).base64EncodedString())])))
    }

    /// - Throws: `invalidInput` for what is no envelope of a statement.
    package init(_ bytes: [UInt8]) throws {
        guard bytes.count <= Self.maximumBytes, let document = try? JSONDecoder().decode(Document.self, from: Data(bytes)), document.payloadType == Self.payloadType,
            let payload = Data(base64Encoded: document.payload), (1...16).contains(document.signatures.count)
        else { throw PlatformError(.invalidInput, "The manifest is no signed statement.") }
        self.payload = Array(payload)
        signatures = document.signatures.compactMap { Data(base64Encoded: $0.sig).map(Array.init) }
        self.bytes = bytes
    }

    /// The statement, when one of the keys signed it.
    /// - Returns: The key that did, too.
    /// - Throws: `invalidInput`.
    package func statement(signedBy keys: some Sequence<VerifyingKey>) throws -> (statement: ProvenanceStatement, signer: VerifyingKey) {
        let message = Self.message(payload)
        guard let signer = keys.first(where: { key in signatures.contains { key.isSignature($0, of: message) } }) else {
            throw PlatformError(.invalidInput, "The manifest is not signed by a key that is known here.")
        }
        return (try ProvenanceStatement(payload), signer)
    }

    /// The pre-authentication encoding of DSSE.
    private static func message(_ payload: [UInt8]) -> [UInt8] {
        Array("DSSEv1 \(payloadType.utf8.count) \(payloadType) \(payload.count) ".utf8) + payload
    }
}
