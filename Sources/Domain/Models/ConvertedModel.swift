/// The network of a version in ONNX's format, made from the uploaded file in the sandbox.
package struct ConvertedModel: Sendable, Equatable {
    /// SHA-256 of the converted file, 64 hexadecimal characters.
    package let sha256: String
    /// Key of the environment whose ONNX Runtime serves it.
    package let environmentKey: String
    /// Versions of the tools that made it, by distribution.
    package let tools: [String: String]

    package init(sha256: String, environmentKey: String, tools: [String: String]) {
        self.sha256 = sha256
        self.environmentKey = environmentKey
        self.tools = tools
    }

    /// Beside the uploaded file; another conversion gets another name, so that one that serves is never overwritten.
    package var fileName: String { "converted-\(sha256.prefix(16)).onnx" }
}
