internal import Domain
internal import Estimators
internal import Formats
internal import NIOPosix
internal import Wire
internal import Workers

/// The runtime that will serve a version, while it is being measured.
struct RuntimeProbe: Sendable {
    let predict: @Sendable (InferenceRequest) async throws -> InferenceResponse
    let memoryBytes: @Sendable () -> Int64

    init(_ worker: Worker) {
        predict = { try await worker.predict($0, deadline: .seconds(60)) }
        memoryBytes = { worker.memoryBytes }
    }

    init(_ evaluator: Evaluator, library: Worker) {
        predict = { request in
            do {
                return try await NIOThreadPool.singleton.runIfActive { try evaluator.predict(request) }
            } catch is Undecided {
                return try await library.predict(request, deadline: .seconds(60))
            }
        }
        memoryBytes = { Int64(evaluator.memoryBytes) }
    }
}

extension ValidationHandler {
    /// Takes the evaluator when the model is covered and it agrees with the model's own library, else the worker.
    func chooseRuntime(_ run: inout ValidationRun, _ worker: Worker, _ samples: SampleRows) async throws -> RuntimeProbe {
        let choice = run.version.runtimeChoice
        if files.artifact(run.version).program == .onnx {
            run.runtime = .onnx
            run.runtimeReason = "Run by ONNX Runtime in a sandboxed native worker."
            if !choice.allows(.onnx) { refuse(&run, choice) }
            return RuntimeProbe(worker)
        }
        guard choice.allows(.swift) || choice.allows(.python) else {
            refuse(&run, choice)
            return RuntimeProbe(worker)
        }
        guard choice.allows(.swift) else {
            run.runtimeReason = "Python was asked for."
            return RuntimeProbe(worker)
        }
        switch try await evaluator(of: run, worker, samples) {
        case .success(let evaluator):
            run.runtime = .swift
            run.runtimeReason = "Evaluated in Swift: it agrees with the model's own library on the sample rows."
            return RuntimeProbe(evaluator, library: worker)
        case .failure(let refusal):
            run.runtimeReason = "Served by Python: \(refusal.reason)"
            if choice == .swift {
                run.add(.functionality, .failed, "The runtime 'swift' was asked for, and the model is not evaluated in Swift: \(refusal.reason)", since: .now)
            }
            return RuntimeProbe(worker)
        }
    }

    private func refuse(_ run: inout ValidationRun, _ choice: RuntimeChoice) {
        let reason = "The runtime '\(choice.rawValue)' was asked for; there is none for the format '\(run.version.format.rawValue)' here."
        run.add(.functionality, .failed, reason, since: .now)
    }

    /// Why a model is not evaluated in Swift.
    private struct Refusal: Error {
        let reason: String
    }

    private func evaluator(of run: ValidationRun, _ worker: Worker, _ samples: SampleRows) async throws -> Result<Evaluator, Refusal> {
        guard run.version.customAPIHash == nil else { return .failure(Refusal(reason: "its answers come from custom_api.py.")) }
        let loader = EvaluatorLoader(run.version, files: files)
        let evaluator: Evaluator
        do {
            evaluator = try await NIOThreadPool.singleton.runIfActive { try loader.load() }
        } catch let error as Uncovered {
            return .failure(Refusal(reason: "not evaluated in Swift: \(error.what)."))
        } catch let error as FittedModelReader.Unreadable {
            return .failure(Refusal(reason: "its content cannot be read as data: \(error.reason)."))
        }
        if let difference = try await difference(evaluator, worker, run.version.signature, samples) {
            return .failure(Refusal(reason: "the evaluation in Swift differs: \(difference)"))
        }
        return .success(evaluator)
    }

    /// The first difference between the evaluator and the worker on the sample rows and on rows made up beside them.
    private func difference(_ evaluator: Evaluator, _ worker: Worker, _ signature: Signature?, _ samples: SampleRows) async throws -> String? {
        guard let signature else { return "the model has no signature." }
        let table = signature.features.map(FeatureTable.init)
        let given = try samples.request(samples.rows.count, table: table, limits: limits)
        if let difference = try await difference(evaluator, worker, given) { return difference }
        for row in try MadeUpRows.requests(for: signature, table: table, limits: limits) {
            do {
                if let difference = try await difference(evaluator, worker, row) { return difference }
            } catch is ModelFailure {
                continue  // the library does not take such rows
            }
        }
        return nil
    }

    private func difference(_ evaluator: Evaluator, _ worker: Worker, _ request: InferenceRequest) async throws -> String? {
        let truth = try await worker.predict(request, deadline: .seconds(30))
        do {
            let found = try await NIOThreadPool.singleton.runIfActive { try evaluator.predict(request) }
            return Agreement.difference(found, truth)
        } catch is Undecided {
            return nil
        } catch let failure as EvaluationFailure {
            return failure.message
        }
    }
}

/// Whether two runtimes gave the same answer.
enum Agreement {
    /// Numbers may differ by this share of the largest of their output: some libraries compute in 32 bits.
    static let tolerance = 1e-6

    /// - Returns: nil when the answers agree.
    static func difference(_ found: InferenceResponse, _ truth: InferenceResponse) -> String? {
        for expected in truth.outputs {
            guard let output = found.outputs.first(where: { $0.name == expected.name }), output.shape == expected.shape else {
                return "\(expected.name) of the shape \(expected.shape) is missing."
            }
            switch (output.storage, expected.storage) {
            case (.float64(let one), .float64(let other)):
                let largest = other.reduce(0) { $1.isFinite ? max($0, abs($1)) : $0 }
                let wrong = zip(one, other).first { !($0 == $1 || ($0.isNaN && $1.isNaN) || abs($0 - $1) <= tolerance * largest) }
                if let wrong { return "\(expected.name): \(wrong.0), the library says \(wrong.1)." }
            case let (one, other): if one != other { return "\(expected.name) are not the library's." }
            }
        }
        return found.outputs.count == truth.outputs.count ? nil : "other outputs than the library's."
    }
}
