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
    /// What a graph takes and gives, where the format tells.
    package var inputs: [TensorFact] = []
    package var outputs: [TensorFact] = []
    /// Version of each operator set by its domain; the empty domain is ONNX's own.
    package var operatorSets: [String: Int] = [:]
    /// How often each operator is used.
    package var operators: [String: Int] = [:]
    package var parameterCount: Int?
    /// The first 1,000 members of an archive.
    package var members: [MemberFact] = []

    package init() {}
}

/// One input or output of a graph.
package struct TensorFact: Sendable, Codable, Equatable {
    package let name: String
    /// As the format names it: `float32`, `DT_FLOAT`.
    package let datatype: String
    /// Extents; nil where one is not fixed. nil: not even the rank is known.
    package let shape: [Int?]?

    package init(name: String, datatype: String, shape: [Int?]?) {
        self.name = name
        self.datatype = datatype
        self.shape = shape
    }
}

/// One member of an archive.
package struct MemberFact: Sendable, Codable, Equatable {
    package let name: String
    package let sizeBytes: Int64

    package init(name: String, sizeBytes: Int64) {
        self.name = name
        self.sizeBytes = sizeBytes
    }
}
