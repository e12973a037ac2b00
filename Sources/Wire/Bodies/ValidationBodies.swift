package import Domain

/// Answers about validations, in the two shapes of the hosting contract at once: `results` and `validations` are the same.
package enum ValidationBodies {
    package static func validation(_ validation: Validation) -> JSONValue {
        var object: [String: JSONValue] = [
            "id": .string(validation.id.rawValue), "validation_id": .string(validation.id.rawValue),
            "model_id": .string(validation.modelID.rawValue), "version_id": .string(validation.versionID.rawValue),
            "task_id": .string(validation.taskID.rawValue), "status": .string(validation.state.rawValue),
            "requested_by": .string(validation.requestedBy.rawValue), "created_at": .string(validation.createdAt.description),
            "overall_status": validation.report.map { .string($0.overallStatus) } ?? "pending",
        ]
        guard let report = validation.report else { return .object(object) }
        let checks = JSONValue.object(
            Dictionary(report.checks.map { ($0.key.rawValue, check($0.value)) }, uniquingKeysWith: { first, _ in first })
        )
        object["results"] = checks
        object["validations"] = checks
        object["recommendations"] = .strings(report.recommendations)
        object["runtime"] = text(report.runtime?.rawValue)
        object["runtime_reason"] = text(report.runtimeReason)
        object["sandbox_level"] = .string(report.sandbox)
        object["executed_at"] = .string(report.executedAt)
        object["execution_time_ms"] = .double(report.executionMilliseconds)
        return .object(object)
    }

    private static func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }

    private static func check(_ result: CheckResult) -> JSONValue {
        var object = result.facts
        object["status"] = .string(result.status.rawValue)
        object["score"] = .double(result.score)
        object["details"] = .string(result.details)
        object["timestamp"] = .string(result.timestamp)
        object["execution_time_ms"] = .double(result.executionMilliseconds)
        return .object(object)
    }
}
