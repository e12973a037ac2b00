package import Domain

extension WorkerSlot: ModelRunner {
    package var isLoaded: Bool { isReady }

    /// Runs the model, and turns its own failures into ours.
    package func predict(_ request: InferenceRequest, deadline: Duration) async throws -> InferenceResponse {
        do {
            return try await run(request, deadline: deadline)
        } catch let failure as ModelFailure where failure.isOfInput {
            throw PlatformError.field("/data", String(failure.message.prefix(500)))
        } catch let failure as ModelFailure {
            throw PlatformError(
                .predictionFailed, "The model failed on this input: \(failure.type): \(failure.message.prefix(500))",
                details: .object(["type": .string(failure.type)])
            )
        }
    }
}
