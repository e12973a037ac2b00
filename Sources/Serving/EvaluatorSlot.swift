package import Domain
package import Estimators
internal import NIOCore
internal import NIOPosix
internal import Synchronization
internal import Workers

/// The place of a version that is evaluated here: reads it at its first request, and lets it go when memory runs short.
package final class EvaluatorSlot: ModelRunner {
    /// Reads and checks the version's file. Blocks.
    package typealias Load = @Sendable () throws -> Evaluator

    /// Longer evaluations go to the thread pool, so that they keep no other request waiting.
    private static let inlineNanoseconds: UInt64 = 200_000

    private struct State {
        var evaluator: Evaluator?
        var isRetired = false
    }

    private let pool: EvaluatorPool
    private let load: Load
    private let library: any ModelRunner
    private let state = Mutex(State())
    private let starts = OncePerKey<Bool, Evaluator>()
    private let used = Atomic<UInt64>(0)
    /// How long a row took lately; a row that was never measured counts as long.
    private let nanosecondsPerRow = Atomic<UInt64>(1_000_000)

    /// - Parameter library: Answers where only the model's own library can: rows whose answer its rounding decides.
    init(pool: EvaluatorPool, library: any ModelRunner, load: @escaping Load) {
        self.pool = pool
        self.library = library
        self.load = load
    }

    package func predict(_ request: InferenceRequest, deadline: Duration) async throws -> InferenceResponse {
        used.store(NIODeadline.now().uptimeNanoseconds, ordering: .relaxed)
        let end = ContinuousClock.now + deadline
        let evaluator = try await evaluator()
        do {
            guard evaluator.hasDependentRows || !isShort(request) else { return try evaluate(request, evaluator, end) }
            return try await NIOThreadPool.singleton.runIfActive { try self.evaluate(request, evaluator, end) }
        } catch is Undecided {
            return try await library.predict(request, deadline: deadline)
        } catch let failure as EvaluationFailure {
            throw PlatformError(.predictionFailed, "The model failed on this input: \(failure.message)", details: .object(["type": "ValueError"]))
        }
    }

    package var predictsAtOnce: Bool { isLoaded && nanosecondsPerRow.load(ordering: .relaxed) <= Self.inlineNanoseconds }

    package func predictAtOnce(_ request: InferenceRequest) -> InferenceResponse? {
        guard isShort(request), let evaluator = state.withLock({ $0.evaluator }), !evaluator.hasDependentRows else { return nil }
        used.store(NIODeadline.now().uptimeNanoseconds, ordering: .relaxed)
        return try? evaluate(request, evaluator, .now + .seconds(1))
    }

    package var isLoaded: Bool { state.withLock { $0.evaluator != nil } }

    private func isShort(_ request: InferenceRequest) -> Bool {
        let expected = UInt64(request.rows).multipliedReportingOverflow(by: nanosecondsPerRow.load(ordering: .relaxed))
        return !expected.overflow && expected.partialValue <= Self.inlineNanoseconds
    }

    package func retire() {
        state.withLock {
            $0.evaluator = nil
            $0.isRetired = true
        }
        pool.forget(self)
        library.retire()
    }

    /// Reads the version now, so that the first request need not wait.
    package func warmUp() async throws {
        _ = try await evaluator()
    }

    /// Lets the model go; the next request reads it again.
    func unload() {
        state.withLock { $0.evaluator = nil }
    }

    /// Bytes of the loaded model; 0 when none is loaded.
    var memoryBytes: Int { state.withLock { $0.evaluator }?.memoryBytes ?? 0 }
    var lastUse: UInt64 { used.load(ordering: .relaxed) }

    private func evaluate(_ request: InferenceRequest, _ evaluator: Evaluator, _ end: ContinuousClock.Instant) throws -> InferenceResponse {
        let start = NIODeadline.now()
        let response = try evaluator.predict(request, before: end)
        let measured = UInt64(max(1, (NIODeadline.now() - start).nanoseconds)) / UInt64(max(1, request.rows))
        let known = nanosecondsPerRow.load(ordering: .relaxed)
        nanosecondsPerRow.store(known / 4 * 3 + measured / 4, ordering: .relaxed)
        return response
    }

    private func evaluator() async throws -> Evaluator {
        if let evaluator = try ready() { return evaluator }
        return try await starts.value(for: true) {
            if let evaluator = try self.ready() { return evaluator }
            return try await self.start()
        }
    }

    private func ready() throws -> Evaluator? {
        try state.withLock { state in
            guard !state.isRetired else { throw PlatformError(.unavailable, "The version was just taken out of service.", retryAfterSeconds: 1) }
            return state.evaluator
        }
    }

    private func start() async throws -> Evaluator {
        do {
            let evaluator = try await NIOThreadPool.singleton.runIfActive { try self.load() }
            pool.makeRoom(for: evaluator.memoryBytes, besides: self)
            state.withLock { if !$0.isRetired { $0.evaluator = evaluator } }
            return evaluator
        } catch {
            throw PlatformError(.modelLoadFailure, "The model could not be loaded. hint: try again shortly.", retryAfterSeconds: 1, cause: error)
        }
    }
}
