internal import Domain
internal import Files
internal import Foundation
internal import Logging
internal import Store
internal import Wire
internal import Workers

extension ValidationHandler {
    /// Functionality and compatibility: the model is loaded in the sandbox and predicts sample rows.
    func tryOut(_ run: inout ValidationRun, _ environment: PythonEnvironment) async throws -> (Worker, SampleRows)? {
        let start = ContinuousClock.now
        let worker: Worker
        let description: WorkerDescription
        do {
            (worker, description) = try await pool.load(files.artifact(run.version), environment: environment)
        } catch let failure as ModelFailure {
            run.add(.functionality, .failed, "The model does not load: \(failure.type): \(failure.message)", facts: Self.noCases, since: start)
            return nil
        } catch let error as PlatformError {
            run.add(.functionality, .failed, "The model does not load: \(error.message)", facts: Self.noCases, since: start)
            logger.warning("A model did not load", metadata: ["version": "\(run.version.id)", "error": "\(error)"])
            return nil
        }
        run.version.signature = description.signature
        addCompatibility(&run, environment, description)
        do {
            let samples = try await predictSamples(&run, worker, description, start)
            guard !run.hasFailed, let samples else {
                worker.end()
                return nil
            }
            return (worker, samples)
        } catch {
            worker.end()
            throw error
        }
    }

    /// Bytes of a sample row that is kept in the report, and shown as the example.
    private static let longestSample = 64 << 10
    private static let noCases: [String: JSONValue] = ["test_cases": 0, "passed_cases": 0]

    private func predictSamples(
        _ run: inout ValidationRun, _ worker: Worker, _ description: WorkerDescription, _ start: ContinuousClock.Instant
    ) async throws -> SampleRows? {
        let signature = description.signature
        let samples: SampleRows
        do {
            let file = try files.existing("sample_input.json", of: run.version).map { Data(try $0.contents()) }
            samples = try await self.samples(file, for: signature, worker)
        } catch let error as PlatformError {
            run.add(.functionality, .failed, error.message, facts: Self.noCases, since: start)
            return nil
        }
        let table = signature.features.map(FeatureTable.init)
        var passed = 0
        var output: JSONValue = .null
        var fault: String?
        for row in samples.rows {
            do {
                let request = try PredictBody.parse(Array("{\"data\":\(row)}".utf8), .single, table: table, limits: limits)
                let response = try await worker.predict(request, deadline: .seconds(30))
                let answer = try PredictAnswer.single(response, of: AnswerParts(probe(run, signature)), milliseconds: 0)
                let decoded = try JSONDecoder().decode(JSONValue.self, from: Data(answer))
                if output == .null { output = decoded["prediction"] ?? .null }
                if let wrong = Self.mismatch(decoded["prediction"] ?? .null, schema: run.version.outputSchema) { throw PlatformError(.predictionFailed, wrong) }
                passed += 1
            } catch let failure as ModelFailure {
                fault = fault ?? "\(failure.type): \(failure.message)"
            } catch let error as PlatformError {
                fault = fault ?? error.message
                guard worker.isAlive else { break }
            }
        }
        let source: JSONValue = samples.isGiven ? "given" : "generated"
        var facts: [String: JSONValue] = ["test_cases": .int(samples.rows.count), "passed_cases": .int(passed), "sample_output": output, "sample_source": source]
        if let first = samples.rows.first, first.utf8.count <= Self.longestSample, let value = try? JSONDecoder().decode(JSONValue.self, from: Data(first.utf8)) {
            facts["sample_input"] = value
        }
        facts["model_class"] = .string(description.className)
        let score = Double(passed) / Double(max(1, samples.rows.count))
        if passed == samples.rows.count {
            run.add(.functionality, .passed, "The model produces valid predictions for all \(passed) sample rows.", facts: facts, since: start)
        } else if passed > 0, !samples.isGiven {
            run.add(
                .functionality, .warning, "\(samples.rows.count - passed) of \(samples.rows.count) made-up rows failed: \(fault ?? "")", score: score, facts: facts,
                since: start)
        } else {
            run.add(
                .functionality, .failed, "\(samples.rows.count - passed) of \(samples.rows.count) sample rows failed: \(fault ?? "")", score: score, facts: facts,
                since: start)
        }
        return samples
    }

    /// Elements of a row that is made up.
    static let largestMadeRow = 4 << 20
    /// Extents that are tried where a model leaves one open: some layers need more than one element.
    private static let openExtents = [1, 8, 32, 224]

    /// The uploader's rows, or made ones: where extents are open, of the first size that the model takes.
    private func samples(_ file: Data?, for signature: Signature, _ worker: Worker) async throws -> SampleRows {
        let isOpen = signature.features?.contains { $0.shape?.contains(nil) ?? false } ?? false
        guard file == nil, isOpen else { return try SampleRows(sample: file, signature: signature) }
        let table = signature.features.map(FeatureTable.init)
        for extent in Self.openExtents {
            let closed = signature.closed(with: extent)
            guard closed.elementCount <= Self.largestMadeRow else { break }
            let samples = try SampleRows(sample: nil, signature: closed)
            let request = try samples.request(1, table: table, limits: limits)
            if (try? await worker.predict(request, deadline: .seconds(30))) != nil { return samples }
        }
        return try SampleRows(sample: nil, signature: signature)
    }

    private func addCompatibility(_ run: inout ValidationRun, _ environment: PythonEnvironment, _ description: WorkerDescription) {
        let start = ContinuousClock.now
        var facts: [String: JSONValue] = [
            "python_version": .string(environment.pythonVersion), "load_time_ms": .double(description.loadMilliseconds.rounded()),
            "platform": .string("linux-\(Self.architecture)"), "library_warnings": .strings(description.warnings),
        ]
        if let wanted = run.version.pythonVersion { facts["requested_python_version"] = .string(wanted) }
        let skew = description.warnings.first { $0.hasPrefix("InconsistentVersionWarning") }
        if let skew {
            run.add(.compatibility, .failed, "The model was written by another version of its library: \(skew)", facts: facts, since: start)
        } else if let fault = Self.difference(run.version.inputSchema, description.signature) {
            run.add(.compatibility, .warning, fault, facts: facts, since: start)
        } else if let warning = description.warnings.first {
            run.add(.compatibility, .warning, "Loading gave \(description.warnings.count) warning(s): \(warning)", facts: facts, since: start)
        } else {
            run.add(.compatibility, .passed, "The model loads on Python \(environment.pythonVersion) without a warning.", facts: facts, since: start)
        }
    }

    /// Where a given input schema and the model's own columns disagree.
    private static func difference(_ schema: JSONValue?, _ signature: Signature) -> String? {
        guard case .object(let properties)? = schema?["properties"], let features = signature.features else { return nil }
        let missing = features.map(\.name).filter { properties[$0] == nil }
        let unknown = properties.keys.filter { name in !features.contains { $0.name == name } }.sorted()
        guard !missing.isEmpty || !unknown.isEmpty else { return nil }
        return
            "The input_schema and the model disagree: the model also takes [\(missing.joined(separator: ", "))] and does not take [\(unknown.joined(separator: ", "))]."
    }

    private static var architecture: String {
        #if arch(arm64)
            "aarch64"
        #else
            "x86_64"
        #endif
    }

    /// What the answer writer needs to know of a version that does not serve yet.
    private func probe(_ run: ValidationRun, _ signature: Signature) -> Deployment {
        Deployment(
            modelID: run.model.id, versionID: run.version.id, version: run.version.version, signature: signature,
            rules: run.model.rules, api: nil, runtime: .python, runner: NoRunner()
        )
    }

    /// Compares an answer with the `type` of a given output schema, one level deep into arrays.
    private static func mismatch(_ value: JSONValue, schema: JSONValue?) -> String? {
        guard let type = schema?["type"]?.stringValue else { return nil }
        let fits =
            switch (type, value) {
            case ("array", .array), ("object", .object), ("string", .string), ("boolean", .bool), ("null", .null): true
            case ("number", .double), ("number", .int), ("integer", .int): true
            default: false
            }
        guard fits else { return "The output does not match output_schema: expected \(type)." }
        guard case .array(let items) = value, let itemSchema = schema?["items"] else { return nil }
        return items.lazy.compactMap { mismatch($0, schema: itemSchema) }.first
    }
}

/// Stands for the runner of a version that is only being tried.
private struct NoRunner: ModelRunner {
    func predict(_ request: InferenceRequest, deadline: Duration) async throws -> InferenceResponse {
        throw PlatformError(.unavailable, "The version does not serve.")
    }

    func retire() {}
}
