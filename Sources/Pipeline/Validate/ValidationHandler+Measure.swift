internal import Domain
internal import Estimators
internal import Wire
internal import Workers

extension ValidationHandler {
    /// Performance at batches of 1, 10 and 100 rows, within a few seconds.
    func measure(_ run: inout ValidationRun, _ probe: RuntimeProbe, _ samples: SampleRows) async throws {
        let start = ContinuousClock.now
        let table = run.version.signature?.features.map(FeatureTable.init)
        var facts: [String: JSONValue] = [:]
        do {
            let elements = run.version.signature?.elementCount ?? 1
            // Batches of large arrays would measure the machine's memory.
            for (batch, repetitions) in [(1, 100), (10, 30), (100, 10)] where batch == 1 || elements <= 2_000_000 / batch {
                let request = try samples.request(batch, table: table, limits: limits)
                let times = try await time(request, probe, repetitions, within: .seconds(3))
                facts["batch_\(batch)_memory_mb"] = .double(Self.rounded(Double(probe.memoryBytes()) / 1_048_576))
                let average = times.reduce(0, +) / Double(times.count)
                for (name, share) in [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)] {
                    let key = batch == 1 ? "\(name)_inference_time_ms" : "batch_\(batch)_\(name)_ms"
                    facts[key] = .double(Self.rounded(Self.percentile(times, share)))
                }
                if batch == 1 {
                    facts["avg_inference_time_ms"] = .double(Self.rounded(average))
                    facts["throughput_per_second"] = .double(Self.rounded(1000 / average))
                } else {
                    facts["batch_\(batch)_avg_ms"] = .double(Self.rounded(average))
                    facts["batch_\(batch)_rows_per_second"] = .double(Self.rounded(Double(batch) * 1000 / average))
                }
            }
        } catch let failure as ModelFailure {
            run.add(.performance, .failed, "The model failed on a batch: \(failure.type): \(failure.message)", facts: facts, since: start)
            return
        } catch let failure as EvaluationFailure {
            run.add(.performance, .failed, "The model failed on a batch: \(failure.message)", facts: facts, since: start)
            return
        } catch let error as PlatformError {
            run.add(.performance, .failed, "The model failed on a batch: \(error.message)", facts: facts, since: start)
            return
        }
        facts["memory_usage_mb"] = .double(Self.rounded(Double(probe.memoryBytes()) / 1_048_576))
        let average = facts["avg_inference_time_ms"]?.doubleValue ?? 0
        let score = min(1, max(0.1, 1 - average / 2000))
        let text = "A single row takes \(average) ms on average, \(facts["p95_inference_time_ms"]?.doubleValue ?? 0) ms at the 95th percentile."
        run.add(.performance, average > 1000 ? .warning : .passed, text, score: Self.rounded(score), facts: facts, since: start)
    }

    /// Milliseconds of each call; at least three calls, the first one thrown away as warm-up.
    private func time(_ request: InferenceRequest, _ probe: RuntimeProbe, _ repetitions: Int, within budget: Duration) async throws -> [Double] {
        _ = try await probe.predict(request)
        let start = ContinuousClock.now
        var times: [Double] = []
        while times.count < repetitions, times.count < 3 || start.duration(to: .now) < budget {
            let began = ContinuousClock.now
            _ = try await probe.predict(request)
            times.append(began.duration(to: .now).milliseconds)
        }
        return times
    }

    /// Nearest rank.
    private static func percentile(_ values: [Double], _ share: Double) -> Double {
        let sorted = values.sorted()
        return sorted[max(0, Int((Double(sorted.count) * share).rounded(.up)) - 1)]
    }

    private static func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
}
