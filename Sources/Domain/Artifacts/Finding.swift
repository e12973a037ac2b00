/// Something the scan found in a file: where, what, and why it matters.
package struct Finding: Sendable, Codable, Equatable {
    package enum Severity: String, Sendable, Codable, CaseIterable, Comparable {
        case info, warning, critical

        package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

        private var rank: Int {
            switch self {
            case .info: 0
            case .warning: 1
            case .critical: 2
            }
        }
    }

    package let severity: Severity
    /// The name of the rule: `pickle.global.unlisted`.
    package let rule: String
    /// Bytes from the start of the (decompressed) stream; nil when the finding is about the whole file.
    package let offset: Int?
    package let found: String
    package let reason: String

    package init(_ severity: Severity, _ rule: String, at offset: Int? = nil, found: String, reason: String) {
        self.severity = severity
        self.rule = rule
        self.offset = offset
        self.found = found
        self.reason = reason
    }
}
