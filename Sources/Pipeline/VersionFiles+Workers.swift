internal import Domain
internal import Store
internal import Workers

extension VersionFiles {
    /// What a worker loads to run the uploaded file itself.
    func artifact(_ version: ModelVersion) -> WorkerArtifact {
        WorkerArtifact(
            format: version.format, model: modelFile(version),
            customAPI: version.customAPIHash.map { VerifiedFile(path: path("custom_api.py", of: version), sha256: $0) }, log: log(version)
        )
    }

    /// What the native worker loads of a network that was converted.
    func artifact(of converted: ConvertedModel, of version: ModelVersion) -> WorkerArtifact {
        WorkerArtifact(
            format: .onnx, model: VerifiedFile(path: path(converted.fileName, of: version), sha256: converted.sha256), log: log(version))
    }

    func modelFile(_ version: ModelVersion) -> VerifiedFile {
        VerifiedFile(path: modelPath(version), sha256: version.fileHash)
    }

    /// What the version's workers printed.
    func log(_ version: ModelVersion) -> LogFile {
        LogFile(path: path("output.log", of: version))
    }
}
