internal import Crypto
internal import Domain
package import Files

/// A version outside of a server: its files, its manifest, and the key that signed it.
package struct VersionBundle: Sendable {
    package static let manifestName = "provenance.dsse.json"
    package static let keyName = "signing-key.pub"
    private static let ownNames: Set<String> = [manifestName, keyName]

    package let files: [String: any RandomAccess]
    package let statement: ProvenanceStatement
    package let signer: VerifyingKey
    /// Whether the key is one of those that were asked for; else it is only the one that lies in the bundle.
    package let isTrusted: Bool

    /// Checks that the manifest is signed, and that every file is the one it names, and no other is there. Blocks and computes.
    /// - Parameters:
    ///   - keys: Those that are trusted.
    ///   - acceptsAnyKey: Whether the key in the bundle is taken when none of these signed it.
    /// - Throws: `invalidInput` naming what is wrong.
    package init(_ files: [String: any RandomAccess], trusting keys: [VerifyingKey], acceptsAnyKey: Bool) throws {
        guard let manifest = files[Self.manifestName], manifest.count <= 4 << 20 else { throw Self.fault("it has no \(Self.manifestName)") }
        let envelope = try SignedEnvelope(try manifest.bytes(at: 0, count: Int(manifest.count)))
        var candidates = keys
        if acceptsAnyKey, let own = try Self.key(in: files) { candidates.append(own) }
        (statement, signer) = try envelope.statement(signedBy: candidates)
        isTrusted = keys.contains(signer)
        self.files = files
        let names = Set(statement.subject.map(\.name))
        guard names.count == statement.subject.count, names.isDisjoint(with: Self.ownNames) else { throw Self.fault("its manifest names a file twice") }
        if let other = files.keys.sorted().first(where: { !names.contains($0) && !Self.ownNames.contains($0) }) {
            throw Self.fault("'\(other.prefix(200))' is not in its manifest")
        }
        for name in names.sorted() {
            guard let file = files[name] else { throw Self.fault("'\(name.prefix(200))' is missing") }
            guard try Self.sha256(file) == statement.sha256(of: name) else { throw Self.fault("'\(name.prefix(200))' is not the file that was signed") }
        }
        guard names.contains(statement.predicate.version.model_file) else { throw Self.fault("its manifest names no model file") }
    }

    /// SHA-256 of a file's content, hexadecimal.
    package static func sha256(_ file: any RandomAccess) throws -> String {
        var hash = SHA256()
        try unsafe file.forEachPiece { unsafe hash.update(bufferPointer: $0) }
        return hash.finalize().hexadecimal
    }

    private static func key(in files: [String: any RandomAccess]) throws -> VerifyingKey? {
        guard let file = files[keyName], file.count <= 1000 else { return nil }
        return VerifyingKey(String(decoding: try file.bytes(at: 0, count: Int(file.count)), as: UTF8.self))
    }

    private static func fault(_ why: String) -> PlatformError {
        PlatformError(.invalidInput, "The bundle is not as it was signed: \(why).")
    }
}
