package import Domain
internal import Files
internal import Foundation
internal import NIOPosix
package import Provenance
package import Store
package import Workers

/// Signs what versions are made of when they were validated, and looks at it whenever one of them is loaded.
package struct ProvenanceService: Sendable {
    private static let lockName = "environment.lock"
    private static let reportName = "validation_report.json"
    /// What belongs to a version beside its model file.
    private static let ownFiles =
        ["custom_api.py", "requirements.txt", "sample_input.json", "metadata.json", lockName, ScanReport.fileName, reportName] + VersionFiles.configFiles

    private let key: SigningKey
    private let files: VersionFiles
    private let environments: EnvironmentStore
    private let records: any RecordRepository
    private let clock: any WallClock

    package init(key: SigningKey, files: VersionFiles, environments: EnvironmentStore, records: any RecordRepository, clock: any WallClock) {
        self.key = key
        self.files = files
        self.environments = environments
        self.records = records
        self.clock = clock
    }

    /// The key that others check bundles of this server with.
    package var verifier: VerifyingKey { key.verifier }

    /// Writes the manifest of a version and signs it.
    /// - Returns: When that was.
    func sign(_ version: ModelVersion, of model: Model) async throws -> Timestamp {
        let said = try await records.record(version.id)?.description ?? VersionDescription()
        let now = clock.now
        try await NIOThreadPool.singleton.runIfActive { [self] in
            let environment = version.environmentKey.flatMap { try? environments.environment(key: $0) }
            if let key = version.environmentKey, let lock = try? environments.lock(of: key) { try files.write(bytes: Array(lock.utf8), to: Self.lockName, of: version) }
            let facts = try facts(of: version)
            let reports = facts.filter { [ScanReport.fileName, Self.reportName].contains($0.name) }.map { ($0.name, $0.sha256) }
            let statement = ProvenanceStatement(
                .init(
                    model: .init(
                        id: model.id.rawValue, name: model.name, description: model.description, model_type: model.type.rawValue, framework: model.framework,
                        category: model.category, tags: model.tags),
                    version: Self.facts(version, said), files: facts,
                    environment: environment.map { .init(key: $0.key, python_version: $0.pythonVersion, packages: $0.packages) },
                    reports: Dictionary(uniqueKeysWithValues: reports), signed_at: now.description))
            try files.write(bytes: try SignedEnvelope(signing: statement, with: key).bytes, to: VersionBundle.manifestName, of: version)
        }
        return now
    }

    /// Whether a version that is about to be loaded is the one that was signed. Blocks.
    /// - Throws: `storageFailure`; nothing for a version from before there were manifests.
    func check(_ version: ModelVersion) throws {
        guard version.signedAt != nil else { return }
        do {
            let statement = try statement(of: version)
            let facts = statement.predicate
            guard facts.version.id == version.id.rawValue, facts.model.id == version.modelID.rawValue, statement.sha256(of: facts.version.model_file) == version.fileHash,
                version.customAPIHash.map({ $0 == statement.sha256(of: "custom_api.py") }) ?? true,
                version.converted.map({ $0.sha256 == statement.sha256(of: $0.fileName) }) ?? true
            else { throw PlatformError(.invalidInput, "The manifest is that of another version.") }
        } catch {
            throw PlatformError(.storageFailure, "The version's manifest is missing, changed, or not signed by this server.", cause: error)
        }
    }

    /// The version's files with their manifest, to be handed out. Blocks.
    /// - Throws: `conflict` for a version that was not signed.
    func parts(of version: ModelVersion) throws -> (parts: [(name: String, content: any RandomAccess)], signedAt: Timestamp) {
        guard let signedAt = version.signedAt else {
            throw PlatformError(.conflict, "Version \(version.version) has no signed manifest yet. hint: validate it.")
        }
        try check(version)
        let statement = try statement(of: version)
        let large: Set<String?> = [statement.predicate.version.model_file, version.converted?.fileName]
        let stored = try statement.subject.map { subject in
            let content = try files.file(subject.name, of: version).open()
            // A validation that came to no end leaves reports that were not signed; what is loaded is looked at elsewhere.
            guard try large.contains(subject.name) || VersionBundle.sha256(content) == subject.digest["sha256"] else {
                throw PlatformError(.conflict, "Version \(version.version) was looked at again since its manifest was signed. hint: validate it.")
            }
            return (name: subject.name, content: content)
        }
        let manifest = try files.file(VersionBundle.manifestName, of: version).open()
        return ([(VersionBundle.keyName, MemoryBytes(Array("\(verifier)\n".utf8))), (VersionBundle.manifestName, manifest)] + stored, signedAt)
    }

    private func statement(of version: ModelVersion) throws -> ProvenanceStatement {
        try SignedEnvelope(try files.file(VersionBundle.manifestName, of: version).contents()).statement(signedBy: [verifier]).statement
    }

    private func facts(of version: ModelVersion) throws -> [ProvenanceStatement.FileFacts] {
        let model = version.filePath.split(separator: "/").last.map(String.init) ?? ""
        var facts = [ProvenanceStatement.FileFacts(name: model, size_bytes: version.fileSize, sha256: version.fileHash)]
        for name in Self.ownFiles + (version.converted.map { [$0.fileName] } ?? []) {
            guard let file = try files.existing(name, of: version)?.open() else { continue }
            facts.append(.init(name: name, size_bytes: file.count, sha256: try VersionBundle.sha256(file)))
        }
        return facts
    }

    private static func facts(_ version: ModelVersion, _ said: VersionDescription) -> ProvenanceStatement.VersionFacts {
        .init(
            id: version.id.rawValue, version: version.version.description, format: version.format.rawValue,
            model_file: version.filePath.split(separator: "/").last.map(String.init) ?? "", original_name: version.originalName, runtime: version.runtime?.rawValue,
            python_version: version.pythonVersion, notes: version.notes, said: said, created_at: version.createdAt.description,
            created_by: version.createdBy.rawValue, validation_status: version.validationStatus.rawValue)
    }
}
