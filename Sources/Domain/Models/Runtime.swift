/// What answers the predictions of a version; the raw value stands in every answer.
package enum Runtime: String, Sendable, Codable, CaseIterable {
    /// An exact evaluator inside the server; no code of the model runs.
    case swift
    /// ONNX Runtime in a sandboxed worker.
    case onnx
    /// The model's own library in a sandboxed worker.
    case python
}

/// What the uploader asked for.
package enum RuntimeChoice: String, Sendable, Codable, CaseIterable {
    /// The fastest runtime that agrees with the model's own library.
    case auto
    case swift
    case onnx
    case python

    /// Whether `runtime` may serve.
    package func allows(_ runtime: Runtime) -> Bool { self == .auto || rawValue == runtime.rawValue }
}
