/// One run of the six checks over one version.
package struct Validation: Sendable, Identified {
    package static let idPrefix = "val_"

    package enum State: String, Sendable, CaseIterable {
        case pending, running, completed, cancelled
    }

    package let id: ValidationID
    package let modelID: ModelID
    package let versionID: VersionID
    package let taskID: TaskID
    package var state: State
    package var report: ValidationReport?
    package let requestedBy: UserID
    package let createdAt: Timestamp
    package var executedAt: Timestamp?

    package init(
        id: ValidationID, modelID: ModelID, versionID: VersionID, taskID: TaskID, state: State = .pending,
        report: ValidationReport? = nil, requestedBy: UserID, createdAt: Timestamp, executedAt: Timestamp? = nil
    ) {
        self.id = id
        self.modelID = modelID
        self.versionID = versionID
        self.taskID = taskID
        self.state = state
        self.report = report
        self.requestedBy = requestedBy
        self.createdAt = createdAt
        self.executedAt = executedAt
    }
}

/// The six checks, in the order they run.
package enum ValidationCheck: String, Sendable, Codable, CaseIterable, CodingKeyRepresentable {
    case format = "format_validation"
    case security = "security_scan"
    case dependencies = "dependency_check"
    case functionality = "functionality_test"
    case performance = "performance_benchmark"
    case compatibility = "compatibility_check"

    package var title: String {
        switch self {
        case .format: "Format validation"
        case .security: "Security scan"
        case .dependencies: "Dependency check"
        case .functionality: "Functionality test"
        case .performance: "Performance benchmark"
        case .compatibility: "Compatibility check"
        }
    }
}

/// The outcome of one check.
package struct CheckResult: Sendable, Codable, Equatable {
    package enum Status: String, Sendable, Codable {
        case passed, warning, failed
        /// Not run, since an earlier check failed.
        case skipped
    }

    package let status: Status
    /// 0 to 1.
    package let score: Double
    package let details: String
    /// The numbers and lists of this check, beside `status`, `score` and `details` in the report.
    package let facts: [String: JSONValue]
    package let timestamp: String
    package let executionMilliseconds: Double

    package init(
        status: Status, score: Double, details: String, facts: [String: JSONValue] = [:], at timestamp: Timestamp,
        executionMilliseconds: Double
    ) {
        self.status = status
        self.score = score
        self.details = details
        self.facts = facts
        self.timestamp = timestamp.description
        self.executionMilliseconds = executionMilliseconds
    }
}

/// What a validation found, check by check.
package struct ValidationReport: Sendable, Codable, Equatable {
    package let overallStatus: String
    package let checks: [ValidationCheck: CheckResult]
    package let recommendations: [String]
    package let runtime: Runtime?
    /// Why that runtime serves.
    package let runtimeReason: String?
    package let sandbox: String
    package let executedAt: String
    package let executionMilliseconds: Double

    package init(
        overallStatus: ValidationStatus, checks: [ValidationCheck: CheckResult], recommendations: [String], runtime: Runtime?,
        runtimeReason: String?, sandbox: String, executedAt: Timestamp, executionMilliseconds: Double
    ) {
        self.overallStatus = overallStatus.rawValue
        self.checks = checks
        self.recommendations = recommendations
        self.runtime = runtime
        self.runtimeReason = runtimeReason
        self.sandbox = sandbox
        self.executedAt = executedAt.description
        self.executionMilliseconds = executionMilliseconds
    }

    package var status: ValidationStatus { ValidationStatus(rawValue: overallStatus) ?? .failed }
}
