internal import Access
package import Domain
internal import Files
package import Formats
internal import Foundation

internal import NIOPosix
package import Provenance
package import Store

/// Hands versions out as signed bundles, and takes such bundles in.
package struct BundleService: Sendable {
    /// Parts of the form that files of a bundle become.
    private static let parts = ["custom_api.py": "custom_api", "sample_input.json": "sample_input", "requirements.txt": "requirements"]
    private let registry: RegistryService
    private let provenance: ProvenanceService
    private let publisher: PublishService
    private let scanner: ArtifactScanner
    private let files: VersionFiles
    private let trusted: [VerifyingKey]
    private let maximumBytes: Int64
    private let clock: any WallClock

    /// - Parameters:
    ///   - trusted: Keys of other servers whose bundles are taken; empty: those of anybody, and it is told that nobody knows the key.
    ///   - maximumBytes: Of all files of a bundle together.
    package init(
        registry: RegistryService, provenance: ProvenanceService, publisher: PublishService, scanner: ArtifactScanner, files: VersionFiles, trusted: [VerifyingKey],
        maximumBytes: Int64, clock: any WallClock
    ) {
        self.registry = registry
        self.provenance = provenance
        self.publisher = publisher
        self.scanner = scanner
        self.files = files
        self.trusted = trusted
        self.maximumBytes = maximumBytes
        self.clock = clock
    }

    package var verifier: VerifyingKey { provenance.verifier }

    /// A version as a tar archive.
    /// - Throws: `conflict` for a version without a file or a manifest.
    package func archive(_ reference: String, of id: ModelID, for principal: Principal) async throws -> BundleArchive {
        let version = try await registry.version(reference, of: id, for: principal, to: .download)
        let (parts, signedAt) = try await NIOThreadPool.singleton.runIfActive { [provenance] in try provenance.parts(of: version) }
        return try BundleArchive(parts, signedAt: signedAt, version: version)
    }

    /// What an import became.
    package struct Import: Sendable {
        package let publication: Publication
        package let signer: VerifyingKey
        package let isTrusted: Bool
    }

    /// Stores the version of a bundle as the first one of a new model of the caller's. Whoever signed it, it is scanned and validated as any
    /// upload is.
    /// - Parameter upload: With the bundle, and fields that replace what it says: `name`, `is_public`.
    /// - Throws: `invalidInput` for a bundle that is not as it was signed, or signed by nobody who is trusted.
    package func take(_ upload: ReceivedUpload, by principal: Principal) async throws -> Import {
        defer { upload.staged.discard() }
        guard let file = upload.files["file"], file.size > 0 else { throw PlatformError.field("/bundle", "expected a bundle, found none or an empty one") }
        let stored = upload.staged.file(file.stagedName)
        let keys = trusted + [verifier]
        let bundle = try await NIOThreadPool.singleton.runIfActive { [scanner, maximumBytes, trusted] in
            let content = try scanner.unpack(try stored.open(), maximumBytes: maximumBytes, maximumFiles: 100)
            return try VersionBundle(content, trusting: keys, acceptsAnyKey: trusted.isEmpty)
        }
        let form = try await form(of: bundle, upload.fields)
        var options = PublishOptions(scansFirst: true)
        options.said = said(bundle)
        return Import(publication: try await publisher.publish(form, options, by: principal), signer: bundle.signer, isTrusted: bundle.isTrusted)
    }

    private func form(of bundle: VersionBundle, _ given: [String: String]) async throws -> ReceivedUpload {
        let facts = bundle.statement.predicate
        var form = try await ReceivedUpload.begin(in: files, at: clock.now)
        do {
            for (name, content) in bundle.files {
                let part = name == facts.version.model_file ? "file" : VersionFiles.configFiles.contains(name) ? "config_file" : Self.parts[name]
                guard let part else { continue }
                try await form.receive(content, as: part, originalName: part == "file" ? facts.version.original_name : name)
            }
        } catch {
            form.staged.discard()
            throw error
        }
        form.fields = [
            "name": facts.model.name, "description": facts.model.description, "model_type": facts.model.model_type, "version": facts.version.version,
            "tags": String(decoding: try JSONEncoder().encode(facts.model.tags), as: UTF8.self),
        ]
        for (name, value) in [
            ("framework", facts.model.framework), ("category", facts.model.category), ("python_version", facts.version.python_version), ("notes", facts.version.notes),
        ] { form.fields[name] = value }
        for name in ["name", "is_public"] { form.fields[name] = given[name] ?? form.fields[name] }
        return form
    }

    /// What is said of the version, and where it comes from.
    private func said(_ bundle: VersionBundle) -> VersionDescription {
        let facts = bundle.statement.predicate
        var said = facts.version.said
        said.training["imported_from"] = .object([
            "model_id": .string(facts.model.id), "version_id": .string(facts.version.id), "signed_at": .string(facts.signed_at), "key_id": .string(bundle.signer.id),
        ])
        return said
    }
}
