internal import Domain
package import Logging
internal import NIOCore
internal import ServiceLifecycle
internal import Synchronization

/// Keeps workers: starts them, holds spares ready, ends the least recently used when memory runs short.
package final class WorkerPool: Service {
    package struct Configuration: Sendable {
        /// Bytes that all loaded models may use together.
        package var memoryBudget: Int64
        /// Idle workers that have done their imports and wait for a model.
        package var spares: Int
        package var startDeadline: Duration
        package var loadDeadline: Duration

        package init(memoryBudget: Int64, spares: Int = 1, startDeadline: Duration = .seconds(120), loadDeadline: Duration = .seconds(120)) {
            self.memoryBudget = memoryBudget
            self.spares = spares
            self.startDeadline = startDeadline
            self.loadDeadline = loadDeadline
        }
    }

    private struct State {
        var spares: [Worker] = []
        var slots: [WorkerSlot] = []
        var isClosed = false
    }

    package let sandbox: Sandbox
    private let environments: EnvironmentStore
    private let programs: WorkerPrograms
    private let configuration: Configuration
    private let logger: Logger
    private let state = Mutex(State())
    private let wishes: AsyncStream<WorkerKind>
    private let wish: AsyncStream<WorkerKind>.Continuation

    package init(sandbox: Sandbox, environments: EnvironmentStore, programs: WorkerPrograms, configuration: Configuration, logger: Logger) {
        self.sandbox = sandbox
        self.environments = environments
        self.programs = programs
        self.configuration = configuration
        self.logger = logger
        (wishes, wish) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(4))
    }

    /// Makes spares as they are wished for, until the server stops; then ends every worker.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            for await kind in self.wishes {
                await self.makeSpare(kind)
            }
        }
        close()
    }

    /// A worker with its model loaded: a spare when there is one, else a new process.
    package func load(_ artifact: WorkerArtifact, environment: PythonEnvironment) async throws -> (Worker, WorkerDescription) {
        let kind = WorkerKind(artifact.program, environment)
        if let spare = takeSpare(kind) {
            do {
                return (spare, try await load(artifact, into: spare))
            } catch let error as PlatformError where error.code == .unavailable {
                logger.warning("A spare worker had died", metadata: ["process": "\(spare.processID)"])
            }
        }
        let worker = try await Worker.start(kind, in: sandbox, programs: programs, deadline: configuration.startDeadline)
        return (worker, try await load(artifact, into: worker))
    }

    private func load(_ artifact: WorkerArtifact, into worker: Worker) async throws -> WorkerDescription {
        do {
            return try await worker.load(artifact, deadline: configuration.loadDeadline)
        } catch {
            worker.end()
            throw error
        }
    }

    /// Asks for a spare of the kind, so that the next load need not wait for imports.
    package func wishForSpare(_ kind: WorkerKind) {
        wish.yield(kind)
    }

    /// The place of a version that serves; its worker is started at the first request.
    package func makeSlot(_ artifact: WorkerArtifact, environmentKey: String) -> WorkerSlot {
        let slot = WorkerSlot(pool: self, artifact: artifact, environmentKey: environmentKey)
        state.withLock { $0.slots.append(slot) }
        return slot
    }

    func environment(key: String) throws -> PythonEnvironment {
        try environments.environment(key: key)
    }

    func forget(_ slot: WorkerSlot) {
        state.withLock { $0.slots.removeAll { $0 === slot } }
    }

    /// Ends workers, least recently used first, until another model fits into the budget.
    func makeRoom(besides newcomer: WorkerSlot) {
        let slots = state.withLock { $0.slots }.filter { $0 !== newcomer }
        var loaded = slots.filter { $0.memoryBytes > 0 }.sorted { $0.lastUse < $1.lastUse }
        let expected = loaded.map(\.memoryBytes).max() ?? 256 << 20
        var total = loaded.reduce(0) { $0 + $1.memoryBytes } + expected
        while total > configuration.memoryBudget, !loaded.isEmpty {
            let victim = loaded.removeFirst()
            total -= victim.memoryBytes
            victim.unload()
            logger.info("Unloaded the least recently used model", metadata: ["memory_bytes": "\(victim.memoryBytes)"])
        }
    }

    /// Models in memory, for the health report.
    package var loadedCount: Int { state.withLock { $0.slots }.count { $0.memoryBytes > 0 } }

    private func takeSpare(_ kind: WorkerKind) -> Worker? {
        state.withLock { state in
            state.spares.removeAll { !$0.isAlive }
            guard let index = state.spares.firstIndex(where: { $0.kind == kind }) else { return nil }
            return state.spares.remove(at: index)
        }
    }

    private func makeSpare(_ kind: WorkerKind) async {
        let isThere = state.withLock { state in
            state.spares.removeAll { !$0.isAlive }
            return state.spares.contains { $0.kind == kind }
        }
        guard !isThere, configuration.spares > 0 else { return }
        do {
            let worker = try await Worker.start(kind, in: sandbox, programs: programs, deadline: configuration.startDeadline)
            let surplus = state.withLock { state -> [Worker] in
                guard !state.isClosed else { return [worker] }
                state.spares.append(worker)
                let excess = max(0, state.spares.count - configuration.spares)
                defer { state.spares.removeFirst(excess) }
                return Array(state.spares.prefix(excess))
            }
            for spare in surplus { spare.end() }
        } catch {
            logger.warning("A spare worker did not start", metadata: ["error": "\(error)"])
        }
    }

    private func close() {
        let (spares, slots) = state.withLock { state in
            state.isClosed = true
            return (state.spares, state.slots)
        }
        for spare in spares { spare.end() }
        for slot in slots { slot.unload() }
    }
}
