internal import Domain
internal import NIOCore
internal import Synchronization

/// The place of one serving version: holds its worker, starts it when it is needed, and again when it died.
package final class WorkerSlot: Sendable {
    private struct State {
        var worker: Worker?
        var failures = 0
        var notBefore: NIODeadline?
        var lastError: (any Error)?
        var isRetired = false
    }

    private let pool: WorkerPool
    private let artifact: WorkerArtifact
    private let environmentKey: String
    private let state = Mutex(State())
    private let starts = OncePerKey<Bool, Worker>()
    private let used = Atomic<UInt64>(0)
    /// Whether the last worker died and none has answered since.
    private let isSuspect = Atomic<Bool>(false)

    init(pool: WorkerPool, artifact: WorkerArtifact, environmentKey: String) {
        self.pool = pool
        self.artifact = artifact
        self.environmentKey = environmentKey
    }

    /// Runs the model, starting its worker first when there is none.
    ///
    /// A worker that missed the deadline is ended and replaced: Python cannot be stopped from outside in any other way.
    /// - Throws: `predictionTimeout`, `unavailable`, `modelLoadFailure`, ``ModelFailure``.
    func run(_ request: InferenceRequest, deadline: Duration) async throws -> InferenceResponse {
        used.store(NIODeadline.now().uptimeNanoseconds, ordering: .relaxed)
        let worker = try await worker()
        do {
            let response = try await worker.predict(request, deadline: deadline)
            if isSuspect.load(ordering: .relaxed) { clearFailures() }
            return response
        } catch let error as PlatformError where error.code == .predictionTimeout {
            worker.end()
            throw error
        }
    }

    /// Puts a worker that is loaded already into the slot.
    package func adopt(_ worker: Worker) {
        worker.onEnd { [weak self] in self?.forget(worker) }
        state.withLock { $0.worker = worker }
    }

    /// Starts the worker now, so that the first request need not wait.
    package func warmUp() async throws {
        _ = try await worker()
    }

    /// Ends the worker; the next request starts another one.
    package func unload() {
        let worker = state.withLock { state in
            defer { state.worker = nil }
            return state.worker
        }
        worker?.end()
    }

    /// Ends the worker for good: the version serves no more.
    package func retire() {
        state.withLock { $0.isRetired = true }
        unload()
        pool.forget(self)
    }

    /// Whether a worker holds the model.
    var isReady: Bool { state.withLock { $0.worker }?.isAlive ?? false }

    package var processID: Int32? { state.withLock { $0.worker }?.processID }

    /// Bytes of the loaded worker; 0 when none is loaded.
    var memoryBytes: Int64 { state.withLock { $0.worker }.map { max($0.memoryBytes, 1) } ?? 0 }
    var lastUse: UInt64 { used.load(ordering: .relaxed) }

    private func worker() async throws -> Worker {
        if let worker = try ready() { return worker }
        return try await starts.value(for: true) {
            if let worker = try self.ready() { return worker }
            return try await self.start()
        }
    }

    private func ready() throws -> Worker? {
        // Its end may not have been told yet; it counts as a death all the same.
        if let worker = state.withLock({ $0.worker }), !worker.isAlive { forget(worker) }
        return try state.withLock { state in
            if let worker = state.worker, worker.isAlive { return worker }
            state.worker = nil
            guard !state.isRetired else { throw PlatformError(.unavailable, "The version was just taken out of service.", retryAfterSeconds: 1) }
            if let notBefore = state.notBefore, NIODeadline.now() < notBefore {
                let wait = (notBefore - .now()).nanoseconds / 1_000_000_000 + 1
                let code = (state.lastError as? PlatformError)?.code == .unavailable ? PlatformError.Code.unavailable : .modelLoadFailure
                throw PlatformError(
                    code, "The model does not run at the moment; the next attempt follows in \(wait) s.",
                    retryAfterSeconds: Int(wait), cause: state.lastError
                )
            }
            return nil
        }
    }

    private func start() async throws -> Worker {
        do {
            pool.makeRoom(besides: self)
            let environment = try pool.environment(key: environmentKey)
            let (worker, _) = try await pool.load(artifact, environment: environment)
            pool.wishForSpare(WorkerKind(artifact.program, environment))
            adopt(worker)
            return worker
        } catch {
            backOff(error)
            // A process that went away says nothing about the model.
            let code = (error as? PlatformError)?.code == .unavailable ? PlatformError.Code.unavailable : .modelLoadFailure
            throw PlatformError(code, "The model could not be loaded. hint: try again shortly.", retryAfterSeconds: 1, cause: error)
        }
    }

    /// Waits 1, 2, 4 … 60 seconds between attempts.
    private func backOff(_ error: any Error) {
        state.withLock { state in
            state.failures += 1
            state.notBefore = .now() + .seconds(Int64(min(60, 1 << min(6, state.failures - 1))))
            state.lastError = error
        }
        isSuspect.store(true, ordering: .relaxed)
    }

    private func clearFailures() {
        isSuspect.store(false, ordering: .relaxed)
        state.withLock { state in
            state.failures = 0
            state.notBefore = nil
        }
    }

    /// A worker ended that nobody ended on purpose. One death is an accident and the next worker starts at once; a model that dies
    /// again before it has answered anything has to wait as one that cannot be loaded.
    private func forget(_ worker: Worker) {
        let isUnexpected = state.withLock { state in
            guard state.worker === worker else { return false }
            state.worker = nil
            return true
        }
        guard isUnexpected else { return }
        if isSuspect.exchange(true, ordering: .relaxed) {
            backOff(PlatformError(.unavailable, "The worker died again before it had answered."))
        }
    }
}
