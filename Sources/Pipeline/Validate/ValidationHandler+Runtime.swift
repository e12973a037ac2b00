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
    /// What will serve a version, and the worker that was started for it beside the library's own.
    struct Choice {
        let probe: RuntimeProbe
        var worker: Worker?
    }

    /// Takes ONNX Runtime for ONNX, the evaluator or ONNX Runtime when the model is covered or converts and the answers agree with those of
    /// the model's own library, else that library.
    func chooseRuntime(_ run: inout ValidationRun, _ worker: Worker, _ samples: SampleRows) async throws -> Choice {
        let choice = run.version.runtimeChoice
        let python = Choice(probe: RuntimeProbe(worker))
        let canConvert = run.version.format.isNetwork && run.version.customAPIHash == nil
        run.version.converted = nil
        if files.artifact(run.version).program == .onnx {
            run.runtime = .onnx
            run.runtimeReason = "Run by ONNX Runtime in a sandboxed native worker."
            if !choice.allows(.onnx) { refuse(&run, choice) }
            return python
        }
        if choice == .python {
            run.runtimeReason = "Python was asked for."
            return python
        }
        if canConvert, choice.allows(.onnx) { return try await chooseConversion(&run, worker, samples) }
        guard choice.allows(.swift), !run.version.format.isNetwork || !canConvert else {
            refuse(&run, choice)
            return python
        }
        return try await chooseEvaluator(&run, worker, samples)
    }

    private func chooseConversion(_ run: inout ValidationRun, _ worker: Worker, _ samples: SampleRows) async throws -> Choice {
        do {
            let native = try await convert(&run, worker, samples)
            run.runtime = .onnx
            run.runtimeReason = "Converted to ONNX: it agrees with the model's own library on the sample rows."
            return Choice(probe: RuntimeProbe(native), worker: native)
        } catch let refusal as ConversionRefusal {
            run.runtimeReason = "Served by Python: not converted to ONNX: \(refusal.reason)"
            if run.version.runtimeChoice == .onnx {
                run.add(.functionality, .failed, "The runtime 'onnx' was asked for, and the model was not converted: \(refusal.reason)", since: .now)
            }
            return Choice(probe: RuntimeProbe(worker))
        }
    }

    private func chooseEvaluator(_ run: inout ValidationRun, _ worker: Worker, _ samples: SampleRows) async throws -> Choice {
        switch try await evaluator(of: run, worker, samples) {
        case .success(let evaluator):
            run.runtime = .swift
            run.runtimeReason = "Evaluated in Swift: it agrees with the model's own library on the sample rows."
            return Choice(probe: RuntimeProbe(evaluator, library: worker))
        case .failure(let refusal):
            run.runtimeReason = "Served by Python: \(refusal.reason)"
            if run.version.runtimeChoice == .swift {
                run.add(.functionality, .failed, "The runtime 'swift' was asked for, and the model is not evaluated in Swift: \(refusal.reason)", since: .now)
            }
            return Choice(probe: RuntimeProbe(worker))
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
        guard let signature = run.version.signature else { return .failure(Refusal(reason: "the model has no signature.")) }
        let difference = try await difference(signature, samples, worker, tolerance: Self.tolerance) { request in
            try await NIOThreadPool.singleton.runIfActive { try evaluator.predict(request) }
        }
        return difference.map { .failure(Refusal(reason: "the evaluation in Swift differs: \($0)")) } ?? .success(evaluator)
    }

    /// The share by which numbers may differ: some libraries compute in 32 bits.
    private static let tolerance = 1e-6

    /// The first difference between another runtime and the library on the sample rows and on rows made up beside them.
    func difference(
        _ signature: Signature, _ samples: SampleRows, _ library: Worker, tolerance: Double,
        _ other: (InferenceRequest) async throws -> InferenceResponse
    ) async throws -> String? {
        let table = signature.features.map(FeatureTable.init)
        let given = try samples.request(samples.rows.count, table: table, limits: limits)
        for request in [try samples.request(1, table: table, limits: limits), given] {
            if let difference = try await difference(request, library, tolerance, other) { return difference }
        }
        for shaped in [samples.closed ?? signature] + Self.sizes(of: signature) {
            let rows = try await NIOThreadPool.singleton.runIfActive { [limits] in try MadeUpRows.requests(for: shaped, table: table, limits: limits) }
            for row in rows {
                do {
                    if let difference = try await difference(row, library, tolerance, other) { return difference }
                } catch is ModelFailure {
                    continue  // the library does not take such rows
                } catch let error as PlatformError where library.isAlive {
                    return "the library did not answer a row that was made up: \(error.message)"
                }
            }
        }
        return nil
    }

    /// Whether callers' rows may be joined into one call: whether they get the same answers together as alone. A network is joined only
    /// when that is seen; a classical model unless it has a step that is known to look at its rows together.
    func hasIndependentRows(_ run: ValidationRun, _ artifact: ScannedArtifact, _ samples: SampleRows, _ probe: RuntimeProbe) async throws -> Bool? {
        if run.version.format.isNetwork || run.runtime == .onnx { return try await hasIndependentRows(run.version.signature, samples, probe) }
        return artifact.imports.contains { $0.name.hasPrefix("sklearn.decomposition._nmf") || $0.name.hasPrefix("sklearn.decomposition.nmf") } ? false : nil
    }

    /// Whether made-up rows get the same answers together as alone; false as well where none is answered.
    private func hasIndependentRows(_ signature: Signature?, _ samples: SampleRows, _ probe: RuntimeProbe) async throws -> Bool {
        guard let signature else { return false }
        let table = signature.features.map(FeatureTable.init)
        for batch in try MadeUpRows.batches(for: samples.closed ?? signature) where batch.count > 1 {
            let rows = Array(batch.prefix(3))
            do {
                let together = try await probe.predict(try MadeUpRows.request(rows, table, limits))
                guard let parts = together.split(rows: rows.map { _ in 1 }) else { return false }
                for (row, part) in zip(rows, parts) {
                    let alone = try await probe.predict(try MadeUpRows.request([row], table, limits))
                    if Agreement.difference(part, alone, tolerance: 1e-3) != nil { return false }
                }
                return true
            } catch is ModelFailure {
                continue
            } catch is PlatformError {
                return false
            }
        }
        return false
    }

    /// A traced network may be right for one size only: where extents are open, others are tried as well.
    private static func sizes(of signature: Signature) -> [Signature] {
        guard signature.features?.contains(where: { $0.shape?.contains(nil) ?? false }) ?? false else { return [] }
        return [13, 40].map { signature.closed(with: $0) }
    }

    private func difference(
        _ request: InferenceRequest, _ library: Worker, _ tolerance: Double, _ other: (InferenceRequest) async throws -> InferenceResponse
    ) async throws -> String? {
        let truth = try await library.predict(request, deadline: .seconds(30))
        do {
            return Agreement.difference(try await other(request), truth, tolerance: tolerance)
        } catch is Undecided {
            return nil
        } catch let failure as EvaluationFailure {
            return failure.message
        } catch let failure as ModelFailure {
            return failure.message
        } catch let error as PlatformError {
            return error.message
        }
    }
}

/// Whether two runtimes gave the same answer.
enum Agreement {
    /// - Parameter tolerance: Numbers may differ by this share of the largest of their column, or of a thousandth of their output's largest.
    /// - Returns: nil when the answers agree.
    static func difference(_ found: InferenceResponse, _ truth: InferenceResponse, tolerance: Double) -> String? {
        for expected in truth.outputs {
            guard let output = found.outputs.first(where: { $0.name == expected.name }), output.shape == expected.shape else {
                return "\(expected.name) of the shape \(expected.shape) is missing."
            }
            switch (output.storage, expected.storage) {
            case (.float64(let one), .float64(let other)):
                let scales = scales(of: other, expected.shape)
                let wrong = other.indices.first { place in
                    let (found, truth) = (one[place], other[place])
                    return !(found == truth || (found.isNaN && truth.isNaN) || abs(found - truth) <= tolerance * scales[place % scales.count])
                }
                if let wrong { return "\(expected.name): \(one[wrong]), the library says \(other[wrong])." }
                if expected.shape.count == 2, places(of: one, expected.shape) != places(of: other, expected.shape) {
                    return "\(expected.name): the largest of a row is another one."
                }
            case let (one, other): if one != other { return "\(expected.name) are not the library's." }
            }
        }
        return found.outputs.count == truth.outputs.count ? nil : "other outputs than the library's."
    }

    /// The largest number of each column, at least a thousandth of the largest of all: what is nearly zero there is rounded by the rest.
    private static func scales(of numbers: [Double], _ shape: [Int]) -> [Double] {
        let width = max(1, shape.dropFirst().reduce(1, *))
        var scales = [Double](repeating: 0, count: width)
        for (place, number) in numbers.enumerated() where number.isFinite { scales[place % width] = max(scales[place % width], abs(number)) }
        let floor = (scales.max() ?? 0) / 1000
        return scales.map { max($0, floor) }
    }

    /// Where the largest number of each row stands.
    private static func places(of numbers: [Double], _ shape: [Int]) -> [Int?] {
        (0..<shape[0]).map { row in
            let values = numbers[row * shape[1]..<(row + 1) * shape[1]]
            return values.max().flatMap { values.firstIndex(of: $0) }
        }
    }
}
