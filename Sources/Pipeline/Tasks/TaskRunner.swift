package import Domain
package import Logging
internal import ServiceLifecycle
internal import Synchronization

/// Does one kind of task.
package protocol TaskHandler: Sendable {
    /// - Returns: What the task's result shows.
    /// - Throws: a failure the task's owner is told about; `CancellationError` when the server stops.
    func run(_ task: PlatformTask, progress: TaskProgress) async throws -> JSONValue?
    /// A task was cancelled before it began.
    func cancelled(_ task: PlatformTask) async throws
}

extension TaskHandler {
    package func cancelled(_ task: PlatformTask) async throws {}
}

/// Runs durable tasks: claims them from the database, a few at a time, and tells listeners how they go on.
package final class TaskRunner: Service {
    private struct State {
        var listeners: [TaskID: [Int: AsyncStream<PlatformTask>.Continuation]] = [:]
        var nextListener = 0
        var cancelled: Set<TaskID> = []
    }

    /// What ends the server so often is not tried for ever.
    private static let maximumAttempts = 5
    private let tasks: any TaskRepository
    private let handlers: [PlatformTask.Kind: any TaskHandler]
    private let clock: any WallClock
    private let logger: Logger
    private let state = Mutex(State())
    private let lanes: [(stream: AsyncStream<Void>, continuation: AsyncStream<Void>.Continuation)]

    /// - Parameter width: Tasks that run at the same time.
    package init(tasks: any TaskRepository, handlers: [PlatformTask.Kind: any TaskHandler], width: Int = 2, clock: any WallClock, logger: Logger) {
        self.tasks = tasks
        self.handlers = handlers
        self.clock = clock
        self.logger = logger
        lanes = (0..<width).map { _ in AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }
    }

    package func run() async throws {
        let resumed = try await tasks.requeueRunning(at: clock.now)
        if resumed > 0 { logger.info("Taking up tasks that were running when the server stopped", metadata: ["count": "\(resumed)"]) }
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                for lane in self.lanes {
                    group.addTask {
                        await self.drain()
                        for await _ in lane.stream { await self.drain() }
                    }
                }
            }
        }
        let listeners = state.withLock { $0.listeners.values.flatMap(\.values) }
        for listener in listeners { listener.finish() }
    }

    /// Says that there is a new task.
    package func wake() {
        for lane in lanes { lane.continuation.yield() }
    }

    /// Asks a task to stop: one that waits never begins, one that runs stops at its next step.
    /// - Throws: `conflict` when it has ended already.
    package func cancel(_ id: TaskID) async throws {
        guard var task = try await tasks.task(id) else { throw PlatformError.notFound("task", id.rawValue) }
        guard !task.state.isFinal else { throw PlatformError(.conflict, "The task has ended already: \(task.state.rawValue).") }
        state.withLock { _ = $0.cancelled.insert(id) }
        guard task.state == .queued else { return }
        task.state = .cancelled
        task.step = "Cancelled"
        try await save(&task)
        try await handlers[task.kind]?.cancelled(task)
    }

    /// The task now, and then each change until it ends.
    package func events(of id: TaskID) async throws -> AsyncStream<PlatformTask> {
        let (stream, continuation) = AsyncStream<PlatformTask>.makeStream(bufferingPolicy: .bufferingNewest(64))
        let number = state.withLock { state in
            state.nextListener += 1
            state.listeners[id, default: [:]][state.nextListener] = continuation
            return state.nextListener
        }
        continuation.onTermination = { [weak self] _ in self?.forget(number, id) }
        // Read after listening began, so that no change falls between the two.
        guard let task = try await tasks.task(id) else { throw PlatformError.notFound("task", id.rawValue) }
        continuation.yield(task)
        if task.state.isFinal { continuation.finish() }
        return stream
    }

    private func forget(_ number: Int, _ id: TaskID) {
        state.withLock { state in
            state.listeners[id]?[number] = nil
            if state.listeners[id]?.isEmpty == true { state.listeners[id] = nil }
        }
    }

    private func drain() async {
        do {
            while !Task.isCancelled, let task = try await tasks.claim(at: clock.now) {
                await perform(task)
            }
        } catch {
            logger.error("Tasks could not be claimed", metadata: ["error": "\(error)"])
        }
    }

    private func perform(_ claimed: PlatformTask) async {
        var task = claimed
        let progress = TaskProgress(task: task) { [weak self] changed in try await self?.note(changed) }
        do {
            guard let handler = handlers[task.kind] else { throw PlatformError(.internalError, "Nobody does tasks of kind '\(task.kind.rawValue)'.") }
            guard task.attempts <= Self.maximumAttempts else {
                try await handler.cancelled(task)
                throw PlatformError(.unprocessable, "The server stopped \(Self.maximumAttempts) times during this task; it is not taken up again.")
            }
            let result = try await handler.run(task, progress: progress)
            task.state = .completed
            task.result = result
            task.step = "Done"
            task.progress = 1
        } catch let error as PlatformError where error.code == .conflict && isCancelled(task.id) {
            task.state = .cancelled
            task.step = "Cancelled"
        } catch {
            // A stopping server leaves the task as it is: it is taken up at the next start.
            guard !Task.isCancelled else { return }
            task.state = .failed
            task.step = "Failed"
            task.error = (error as? PlatformError)?.message ?? "The task failed for a reason inside the server; it can be started again."
            logger.error("A task failed", metadata: ["task": "\(task.id)", "error": "\(error)"])
        }
        do {
            try await save(&task)
        } catch {
            logger.error("The end of a task was not written", metadata: ["task": "\(task.id)", "error": "\(error)"])
        }
        state.withLock { _ = $0.cancelled.remove(claimed.id) }
    }

    private func isCancelled(_ id: TaskID) -> Bool {
        state.withLock { $0.cancelled.contains(id) }
    }

    /// A step of a running task: written down, told to listeners, and the place where a cancelled task stops.
    private func note(_ task: PlatformTask) async throws {
        try Task.checkCancellation()
        if isCancelled(task.id) { throw PlatformError(.conflict, "The task was cancelled.") }
        var task = task
        try await save(&task)
    }

    private func save(_ task: inout PlatformTask) async throws {
        task.updatedAt = clock.now
        try await tasks.update(task)
        let changed = task
        let listeners = state.withLock { state -> [AsyncStream<PlatformTask>.Continuation] in
            let found = state.listeners[changed.id].map { Array($0.values) } ?? []
            if changed.state.isFinal { state.listeners[changed.id] = nil }
            return found
        }
        for listener in listeners {
            listener.yield(changed)
            if changed.state.isFinal { listener.finish() }
        }
    }
}

/// How far a running task has come.
package struct TaskProgress: Sendable {
    private let task: PlatformTask
    private let note: @Sendable (PlatformTask) async throws -> Void

    init(task: PlatformTask, note: @escaping @Sendable (PlatformTask) async throws -> Void) {
        self.task = task
        self.note = note
    }

    /// Tells what is done now.
    /// - Parameter fraction: 0 to 1.
    /// - Throws: when the task was cancelled or the server stops; the handler lets it through.
    package func step(_ text: String, _ fraction: Double) async throws {
        var changed = task
        changed.step = text
        changed.progress = fraction
        try await note(changed)
    }
}
