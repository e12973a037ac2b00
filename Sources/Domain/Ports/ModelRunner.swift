/// Runs one version of a model, wherever it lives: a sandboxed worker today.
package protocol ModelRunner: Sendable {
    /// - Throws: `predictionTimeout`, `unavailable`, `modelLoadFailure`, `predictionFailed`.
    func predict(_ request: InferenceRequest, deadline: Duration) async throws -> InferenceResponse
    /// Takes the version out of service.
    func retire()
}
