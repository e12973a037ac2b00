/// What a model file tells about itself, read without running it.
package struct ArtifactFacts: Sendable, Codable, Equatable {
    /// Container around the stream: `zlib`, `gzip`, `bz2`, `xz`, `lzma`, `lz4`; nil when there is none.
    package var compression: String?
    /// Distribution name of the library that wrote the model: `scikit-learn`.
    package var framework: String?
    package var frameworkVersion: String?
    /// Qualified class of the outermost object: `sklearn.pipeline.Pipeline`.
    package var className: String?
    /// Classes of a pipeline's steps, outermost first; empty when the model is no pipeline.
    package var steps: [String] = []
    package var featureCount: Int?
    package var featureNames: [String]?
    /// Class labels of a classifier, in the order of its probabilities.
    package var classes: [JSONValue]?
    package var hyperparameters: [String: JSONValue] = [:]
    /// Top-level packages that loading the file imports.
    package var packages: [String] = []
    /// Requirements that the content itself implies: `numpy>=2`.
    package var impliedRequirements: [String] = []
    package var pickleProtocol: Int?
    package var globalCount: Int?
    package var callCount: Int?
    /// Bytes of arrays beside the object graph.
    package var arrayBytes: Int?

    package init() {}
}

/// A scanned file: its format, what it tells about itself, and what was found in it.
package struct ScannedArtifact: Sendable {
    package let format: ModelFormat
    package let facts: ArtifactFacts
    package let findings: [Finding]

    package init(format: ModelFormat, facts: ArtifactFacts, findings: [Finding]) {
        self.format = format
        self.facts = facts
        self.findings = findings
    }

    /// The worst finding decides: a critical one fails the file, a warning is shown, the rest passes.
    package var verdict: ValidationStatus {
        switch findings.map(\.severity).max() {
        case .critical: .failed
        case .warning: .warning
        default: .passed
        }
    }
}
