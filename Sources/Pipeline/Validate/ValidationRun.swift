internal import Domain

/// What a validation has found out so far; each check adds to it.
struct ValidationRun {
    let model: Model
    var version: ModelVersion
    /// What the file tells of how it was made.
    var algorithm: String?
    let clock: any WallClock
    private(set) var checks: [ValidationCheck: CheckResult] = [:]
    /// Whether the run failed for a reason that says nothing about the model.
    private(set) var isInconclusive = false
    /// Which runtime serves, and why.
    var runtime = Runtime.python
    var runtimeReason: String?

    init(model: Model, version: ModelVersion, clock: any WallClock) {
        self.model = model
        self.version = version
        self.clock = clock
    }

    var hasFailed: Bool { checks.values.contains { $0.status == .failed } }

    var overallStatus: ValidationStatus {
        if hasFailed { return .failed }
        return checks.values.contains { $0.status == .warning } ? .warning : .passed
    }

    mutating func add(
        _ check: ValidationCheck, _ status: CheckResult.Status, _ details: String, score: Double? = nil, facts: [String: JSONValue] = [:],
        since start: ContinuousClock.Instant
    ) {
        let standard: Double =
            switch status {
            case .passed: 1
            case .warning: 0.7
            case .failed, .skipped: 0
            }
        checks[check] = CheckResult(
            status: status, score: score ?? standard, details: details, facts: facts, at: clock.now,
            executionMilliseconds: start.duration(to: .now).milliseconds.rounded()
        )
    }

    /// Fails the first check that has no result yet, and skips the rest.
    mutating func fail(_ reason: String) {
        isInconclusive = true
        guard let next = ValidationCheck.allCases.first(where: { checks[$0] == nil }) else { return }
        add(next, .failed, reason, since: .now)
        skipRest("Not run: an earlier check failed.")
    }

    /// Marks what was not run, and why.
    mutating func skipRest(_ reason: String) {
        for check in ValidationCheck.allCases where checks[check] == nil {
            add(check, .skipped, reason, since: .now)
        }
    }

    /// Advice that follows from the numbers.
    var recommendations: [String] {
        var advice: [String] = []
        let performance = checks[.performance]?.facts ?? [:]
        if let average = performance["avg_inference_time_ms"]?.doubleValue, average > 100 {
            advice.append("A single prediction takes \(Int(average)) ms: consider a smaller model, or send batches.")
        }
        if let single = performance["throughput_per_second"]?.doubleValue, let batched = performance["batch_100_rows_per_second"]?.doubleValue, batched > single * 5 {
            advice.append("Batches of 100 rows are \(Int(batched / max(single, 0.001)))× as fast per row as single rows: prefer /predict/batch for many rows.")
        }
        if let memory = performance["memory_usage_mb"]?.doubleValue, memory > 1024 {
            advice.append("The worker uses \(Int(memory)) MiB: consider fewer or shallower trees, or float32.")
        }
        if checks[.functionality]?.facts["sample_source"]?.stringValue == "generated" {
            advice.append("Upload a sample_input, so that the model is tried with rows of yours instead of made-up ones.")
        }
        if version.requirements.isEmpty {
            advice.append("Give the requirements of the training environment; without them they are derived from the file.")
        }
        if checks[.security]?.status == .warning {
            advice.append("The file imports packages that are not known here; review their code before you rely on the model.")
        }
        return advice
    }
}
