internal import Domain
internal import Estimators
internal import Formats
internal import Store
internal import Workers

/// Reads a stored version for evaluation in Swift.
struct EvaluatorLoader: Sendable {
    private let file: VerifiedFile
    private let format: ModelFormat
    private let check: @Sendable () throws -> Void

    /// - Parameter check: Asked at each load.
    init(_ version: ModelVersion, files: VersionFiles, check: @escaping @Sendable () throws -> Void = {}) {
        self.check = check
        file = files.modelFile(version)
        format = version.format
    }

    /// Blocks and computes.
    /// - Throws: ``Uncovered`` and ``FittedModelReader/Unreadable`` for what is not evaluated here; `storageFailure` when the file is
    ///   not the one that was uploaded.
    func load() throws -> Evaluator {
        try check()
        return try Evaluator(try FittedModelReader().read(try file.read(), format: format))
    }
}
