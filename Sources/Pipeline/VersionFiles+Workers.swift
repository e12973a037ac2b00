internal import Domain
internal import Store
internal import Workers

extension VersionFiles {
    /// What a worker loads to run the uploaded file itself.
    /// - Parameter check: Asked at each load.
    func artifact(_ version: ModelVersion, check: @escaping @Sendable () throws -> Void = {}) -> WorkerArtifact {
        WorkerArtifact(
            format: version.format, model: modelFile(version),
            customAPI: version.customAPIHash.map { VerifiedFile(file("custom_api.py", of: version), sha256: $0) }, log: workerLog(version), check: check
        )
    }

    /// What the native worker loads of a network that was converted.
    func artifact(of converted: ConvertedModel, of version: ModelVersion, check: @escaping @Sendable () throws -> Void = {}) -> WorkerArtifact {
        WorkerArtifact(
            format: .onnx, model: VerifiedFile(file(converted.fileName, of: version), sha256: converted.sha256), log: workerLog(version), check: check)
    }

    func modelFile(_ version: ModelVersion) -> VerifiedFile {
        VerifiedFile(model(of: version), sha256: version.fileHash)
    }

    /// What the version's workers printed.
    func log(_ version: ModelVersion) -> LogFile {
        LogFile(path: path("output.log", of: version))
    }

    /// Where that is kept: in memory only where files are sealed, for it may hold what the model was asked.
    private func workerLog(_ version: ModelVersion) -> LogFile? { areSealed ? nil : log(version) }
}
