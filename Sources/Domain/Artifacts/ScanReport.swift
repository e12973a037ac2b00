/// What the scan of a file says, as the API, the command line and the file beside a version say it.
package struct ScanReport: Sendable, Codable {
    /// Beside the version's file.
    package static let fileName = "scan.json"

    /// `passed`, `warning` or `failed`.
    package let verdict: String
    package let format: String
    package let findings: [Finding]
    package let imports: [ImportRecord]
    package let facts: ArtifactFacts

    package init(_ artifact: ScannedArtifact) {
        verdict = artifact.verdict.rawValue
        format = artifact.format.rawValue
        findings = artifact.findings
        imports = artifact.imports
        facts = artifact.facts
    }

    /// The report on a text: Python source, YAML, requirements.
    package init(text kind: String, findings: [Finding]) {
        let artifact = ScannedArtifact(format: .archive, facts: ArtifactFacts(), findings: findings)
        verdict = artifact.verdict.rawValue
        format = kind
        self.findings = findings
        imports = []
        facts = artifact.facts
    }
}
