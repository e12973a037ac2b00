package import Domain
internal import SystemPackage

/// The files of a version that a worker loads, and where its output is kept.
package struct WorkerArtifact: Sendable {
    package let format: ModelFormat
    package let model: VerifiedFile
    package let customAPI: VerifiedFile?
    /// nil: what the model prints is kept in memory only.
    package let log: LogFile?
    /// Asked before the files are opened; what it throws is why they are not.
    private let check: @Sendable () throws -> Void

    package init(
        format: ModelFormat, model: VerifiedFile, customAPI: VerifiedFile? = nil, log: LogFile? = nil, check: @escaping @Sendable () throws -> Void = {}
    ) {
        self.format = format
        self.model = model
        self.customAPI = customAPI
        self.log = log
        self.check = check
    }

    /// ONNX models run in the native worker; a function of the uploader's own needs Python beside them.
    package var program: WorkerCommand.Program { format == .onnx && customAPI == nil ? .onnx : .python }

    /// Opens the files in the order in which the worker expects them. Blocks.
    func open() throws -> [FileDescriptor] {
        try check()
        var files = [try model.descriptor()]
        do {
            if let customAPI { files.append(try customAPI.descriptor()) }
            return files
        } catch {
            for file in files { try? file.close() }
            throw error
        }
    }
}
