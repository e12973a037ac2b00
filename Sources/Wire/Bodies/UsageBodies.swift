package import Domain

/// Calls that were made: one by one, and added up.
package enum UsageBodies {
    package static func analytics(_ usage: UsageAnalytics, of id: ModelID, days: Int) -> JSONValue {
        let (calls, successes) = (usage.calls, usage.successfulCalls)
        return .object([
            "model_id": .string(id.rawValue), "period_days": .int(days), "total_predictions": .int(calls), "successful_predictions": .int(successes),
            "failed_predictions": .int(calls - successes), "success_rate": share(successes, calls), "total_rows": .int(usage.days.reduce(0) { $0 + $1.rows }),
            "avg_inference_time_ms": milliseconds(usage.averageMilliseconds), "min_inference_time_ms": milliseconds(usage.minimumMilliseconds),
            "max_inference_time_ms": milliseconds(usage.maximumMilliseconds), "p50_inference_time_ms": percentile(0.5, usage),
            "p95_inference_time_ms": percentile(0.95, usage),
            "p99_inference_time_ms": percentile(0.99, usage), "cache_hits": .int(usage.loadedCalls), "cache_hit_rate": share(usage.loadedCalls, calls),
            "daily_usage": .array(
                usage.days.map { day in
                    .object([
                        "date": .string(String(Timestamp(day: day.day).description.prefix(10))), "predictions": .int(day.calls), "successful": .int(day.successfulCalls),
                        "rows": .int(day.rows), "avg_inference_time_ms": milliseconds(day.successfulCalls == 0 ? nil : day.milliseconds / Double(day.successfulCalls)),
                    ])
                }),
            "recent_errors": .array(
                usage.failures.map {
                    .object(["timestamp": .string($0.at.description), "status": .int($0.status), "error": .string($0.message)])
                }),
        ])
    }

    package static func call(_ call: PastCall) -> JSONValue {
        .object([
            "id": .string(call.id), "model_id": .string(call.modelID.rawValue), "version_id": call.versionID.map { .string($0.rawValue) } ?? .null,
            "api_key_id": call.keyID.map { .string($0.rawValue) } ?? .null, "endpoint": .string(call.endpoint), "rows": .int(call.rows),
            "status": call.status < 400 ? "success" : "failed", "status_code": .int(call.status), "inference_time_ms": milliseconds(call.milliseconds),
            "error": call.errorMessage.map { .string($0) } ?? .null, "input_data": call.request ?? .null, "output_data": call.response ?? .null,
            "created_at": .string(call.at.description),
        ])
    }

    private static func percentile(_ share: Double, _ usage: UsageAnalytics) -> JSONValue {
        // The middle of a place may lie beyond what was seen.
        let found = TimeScale.percentile(share, of: usage.times).map { min(max($0, usage.minimumMilliseconds ?? $0), usage.maximumMilliseconds ?? $0) }
        return milliseconds(found)
    }

    private static func milliseconds(_ value: Double?) -> JSONValue { value.map { .double(($0 * 1000).rounded() / 1000) } ?? .null }

    private static func share(_ part: Int, _ whole: Int) -> JSONValue { whole == 0 ? .null : .double(Double(part) / Double(whole)) }
}
