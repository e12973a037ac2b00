internal import Crypto
internal import Domain
internal import NIOPosix
internal import Store
internal import Workers

extension ValidationHandler {
    /// Why a network is not served by ONNX Runtime.
    struct ConversionRefusal: Error {
        let reason: String
    }

    private static let deadline = Duration.seconds(120)
    /// The share by which numbers of the converted model may differ: networks compute in 32 bits.
    private static let tolerance = 1e-5

    /// Converts a network in its own worker, and loads the result into the native one when both agree.
    /// - Returns: The native worker, which the caller ends.
    /// - Throws: ``ConversionRefusal``.
    func convert(_ run: inout ValidationRun, _ library: Worker, _ samples: SampleRows) async throws -> Worker {
        let (bytes, tools) = try await converted(by: library)
        let hash = try await NIOThreadPool.singleton.runIfActive { SHA256.hash(data: bytes).hexadecimal }
        let environment: PythonEnvironment
        do {
            environment = try await environments.environment(for: [RequirementSet.onnxRuntime], python: nil) { _ in }
        } catch let failure as EnvironmentFailure {
            throw ConversionRefusal(reason: "ONNX Runtime could not be installed (\(failure.step.rawValue)): \(failure.output)")
        } catch is PlatformError {
            throw ConversionRefusal(reason: "ONNX Runtime could not be installed.")
        }
        let model = ConvertedModel(sha256: hash, environmentKey: environment.key, tools: tools)
        let version = run.version
        try await NIOThreadPool.singleton.runIfActive { [files] in try files.write(bytes: bytes, to: model.fileName, of: version) }
        do {
            let native = try await load(model, of: version, environment, library, samples)
            run.version.converted = model
            return native
        } catch {
            // Another conversion of the version, which may serve, has another name.
            if run.model.currentVersionID != version.id { try? await NIOThreadPool.singleton.runIfActive { [files] in files.remove(model.fileName, of: version) } }
            throw error
        }
    }

    /// The native worker with the converted model, when both answer the same.
    private func load(
        _ model: ConvertedModel, of version: ModelVersion, _ environment: PythonEnvironment, _ library: Worker, _ samples: SampleRows
    ) async throws -> Worker {
        let native: Worker
        let description: WorkerDescription
        do {
            (native, description) = try await pool.load(files.artifact(of: model, of: version), environment: environment)
        } catch let failure as ModelFailure {
            throw ConversionRefusal(reason: "ONNX Runtime does not load it: \(failure.message)")
        } catch let error as PlatformError {
            throw ConversionRefusal(reason: "ONNX Runtime does not load it: \(error.message)")
        }
        do {
            guard let signature = version.signature, Self.takesTheSame(signature, description.signature) else {
                throw ConversionRefusal(reason: "its inputs are not those of the original.")
            }
            let difference = try await difference(signature, samples, library, tolerance: Self.tolerance) { try await native.predict($0, deadline: .seconds(30)) }
            if let difference { throw ConversionRefusal(reason: difference) }
        } catch {
            native.end()
            throw error
        }
        return native
    }

    private func converted(by library: Worker) async throws -> (bytes: [UInt8], tools: [String: String]) {
        do {
            return try await library.convert(deadline: Self.deadline)
        } catch let failure as ModelFailure {
            throw ConversionRefusal(reason: "\(failure.type): \(failure.message.prefix(300))")
        } catch let error as PlatformError {
            throw ConversionRefusal(reason: error.message)
        }
    }

    private static func takesTheSame(_ one: Signature, _ other: Signature) -> Bool {
        guard let features = one.features, let others = other.features, features.count == others.count else { return false }
        return zip(features, others).allSatisfy { $0.name == $1.name && $0.kind == $1.kind && $0.shape == $1.shape }
    }
}
