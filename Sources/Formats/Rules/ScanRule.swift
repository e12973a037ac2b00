package import Domain

/// What a scan looks for: its id never changes, so that a pipeline can rely on it. docs/scan-rules.md is written from these.
package struct ScanRule: Sendable {
    package let id: String
    package let severity: Finding.Severity
    /// Why it matters.
    package let reason: String
    /// What the uploader can do.
    package let advice: String

    init(_ id: String, _ severity: Finding.Severity, _ reason: String, _ advice: String) {
        self.id = id
        self.severity = severity
        self.reason = reason
        self.advice = advice
    }

    func finding(_ found: String, at offset: Int? = nil, in member: String? = nil) -> Finding {
        Finding(severity: severity, rule: id, member: member, offset: offset, found: found, reason: reason, advice: advice)
    }

    /// The page docs/scan-rules.md.
    package static var page: String {
        var lines = [
            "# Rules of the scan", "",
            "A file fails on a `critical` or `high` finding, passes with a warning on a `medium` one. `martlet scan` and the server use the same",
            "rules. This page is written by `martlet scan --rules`; `make check` compares the two.", "",
            "| rule | severity | why it matters | what to do |", "|---|---|---|---|",
        ]
        lines += all.sorted { $0.id < $1.id }.map { "| `\($0.id)` | \($0.severity.rawValue) | \($0.reason) | \($0.advice) |" }
        return lines.joined(separator: "\n") + "\n"
    }

    package static let all: [ScanRule] = general + pickles + archives + graphs + python
}
