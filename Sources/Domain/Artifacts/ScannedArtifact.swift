/// A scanned file: its format, what it tells about itself, what it imports, and what was found in it.
package struct ScannedArtifact: Sendable, Codable {
    package let format: ModelFormat
    package let facts: ArtifactFacts
    package let findings: [Finding]
    package let imports: [ImportRecord]

    package init(format: ModelFormat, facts: ArtifactFacts, findings: [Finding], imports: [ImportRecord] = []) {
        self.format = format
        self.facts = facts
        self.findings = findings
        self.imports = imports
    }

    /// The same with findings about what came beside the file.
    package func adding(_ more: [Finding]) -> ScannedArtifact {
        ScannedArtifact(format: format, facts: facts, findings: findings + more, imports: imports)
    }

    /// The worst finding decides: high and critical ones fail the file, medium ones are a warning, the rest passes.
    package var verdict: ValidationStatus {
        switch findings.map(\.severity).max() {
        case .critical, .high: .failed
        case .medium: .warning
        default: .passed
        }
    }
}
