internal import ArgumentParser
internal import Domain
internal import Files
internal import Formats
internal import Foundation
internal import Provenance

/// `martlet verify`: whether a downloaded bundle is what a server signed, without a server.
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check a bundle: its signature, and every file in it.",
        discussion: """
            The key is what GET /api/v1/signing-key of the server says; get it from somebody you trust, not with the bundle. Exit status: 0 everything is as it \
            was signed, 1 it is not.
            """)

    @Argument(help: "The bundle, a tar archive.")
    var file: String

    @Option(help: "A public key that is trusted, base64; may be given several times.")
    var key: [String] = []

    @Flag(help: "Take the key that lies in the bundle: finds damage, and not who signed it.")
    var anyKey = false

    func validate() throws {
        guard !key.isEmpty || anyKey else { throw ValidationError("Give --key, or --any-key.") }
    }

    func run() async throws {
        let keys = try key.map { text in
            guard let key = VerifyingKey(text) else { throw ValidationError("'\(text)' is no public key.") }
            return key
        }
        let archive = try FileBytes(path: file)
        let content = try ArtifactScanner().unpack(archive, maximumBytes: archive.count, maximumFiles: 100)
        let bundle = try VersionBundle(content, trusting: keys, acceptsAnyKey: anyKey)
        FileHandle.standardOutput.write(Data(Self.summary(bundle).utf8))
    }

    private static func summary(_ bundle: VersionBundle) -> String {
        let facts = bundle.statement.predicate
        let lines =
            [
                "\(facts.model.name.debugDescription) version \(plain(facts.version.version)), \(plain(facts.version.format)), validation \(plain(facts.version.validation_status))",
                "signed \(plain(facts.signed_at)) by key \(bundle.signer.id)\(bundle.isTrusted ? "" : ", which was not asked for")",
            ] + bundle.statement.subject.map { "ok  \($0.digest["sha256"] ?? "")  \(plain($0.name))" }
        return lines.joined(separator: "\n") + "\n"
    }

    /// What somebody else wrote, without what a terminal would act on.
    private static func plain(_ text: String) -> String { String(text.prefix(200).map { $0.isASCII && ("!"..."~").contains($0) ? $0 : "?" }) }
}
