internal import Domain
internal import Store
internal import Workers

extension VersionFiles {
    /// What a worker loads.
    func artifact(_ version: ModelVersion) -> WorkerArtifact {
        WorkerArtifact(
            format: version.format, model: modelFile(version),
            customAPI: version.customAPIHash.map { VerifiedFile(path: path("custom_api.py", of: version), sha256: $0) }, log: log(version)
        )
    }

    func modelFile(_ version: ModelVersion) -> VerifiedFile {
        VerifiedFile(path: modelPath(version), sha256: version.fileHash)
    }

    /// What the version's workers printed.
    func log(_ version: ModelVersion) -> LogFile {
        LogFile(path: path("output.log", of: version))
    }
}
