/// Runs one version of a model, wherever it lives: a sandboxed worker today.
package protocol ModelRunner: Sendable {
    /// - Throws: `predictionTimeout`, `unavailable`, `modelLoadFailure`, `predictionFailed`.
    func predict(_ request: InferenceRequest, deadline: Duration) async throws -> InferenceResponse
    /// Whether ``predictAtOnce(_:)`` is worth a try.
    var predictsAtOnce: Bool { get }
    /// Predicts at once on the caller's thread, in less than a millisecond or so.
    /// - Returns: nil where that cannot be done, or fails: ``predict(_:deadline:)`` then tells how.
    func predictAtOnce(_ request: InferenceRequest) -> InferenceResponse?
    /// Whether the next request finds the model in memory.
    var isLoaded: Bool { get }
    /// Takes the version out of service.
    func retire()
}

extension ModelRunner {
    package var predictsAtOnce: Bool { false }
    package func predictAtOnce(_ request: InferenceRequest) -> InferenceResponse? { nil }

    /// What has nothing to load is.
    package var isLoaded: Bool { true }
}
