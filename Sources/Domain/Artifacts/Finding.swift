/// Something the scan found in a file: where, what, why it matters, and what the uploader can do.
package struct Finding: Sendable, Codable, Equatable {
    package enum Severity: String, Sendable, Codable, CaseIterable, Comparable {
        case info, low, medium, high, critical

        package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

        private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    }

    package let severity: Severity
    /// The id of the rule, as docs/scan-rules.md lists it: `pickle.global.unlisted`.
    package let rule: String
    /// The path inside the archive, one `!` for each archive within an archive; nil when the file is no archive.
    package let member: String?
    /// Bytes from the start of the member's (decompressed) content; nil when the finding is about the whole of it.
    package let offset: Int?
    /// The import, operator or value that was found; escaped, and at most 300 characters.
    package let found: String
    package let reason: String
    /// What the uploader can do.
    package let advice: String

    package init(severity: Severity, rule: String, member: String? = nil, offset: Int? = nil, found: String, reason: String, advice: String) {
        self.severity = severity
        self.rule = rule
        self.member = member.map(Self.bounded)
        self.offset = offset
        self.found = Self.bounded(found)
        self.reason = reason
        self.advice = advice
    }

    /// Text of a file as a report may show it: no control characters, and not without end.
    private static func bounded(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars.prefix(300) {
            let isPlain = scalar.properties.generalCategory != .control && scalar.properties.generalCategory != .format
            result += isPlain ? String(scalar) : scalar.escaped(asASCII: true)
        }
        return text.unicodeScalars.count > 300 ? result + "…" : result
    }
}
