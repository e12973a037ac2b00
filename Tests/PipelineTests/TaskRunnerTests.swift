import Domain
import Logging
import ServiceLifecycle
import Synchronization
import Testing
import TestSupport

@testable import Pipeline

@Suite("Tasks")
struct TaskRunnerTests {
    /// Tasks in memory, in the order they were added.
    private final class MemoryTasks: TaskRepository {
        private let tasks = Mutex<[PlatformTask]>([])

        func add(_ task: PlatformTask) async throws { tasks.withLock { $0.append(task) } }
        func task(_ id: TaskID) async throws -> PlatformTask? { tasks.withLock { $0.first { $0.id == id } } }
        func tasks(of user: UserID, limit: Int) async throws -> [PlatformTask] { tasks.withLock { $0 } }
        func update(_ task: PlatformTask) async throws {
            tasks.withLock { tasks in
                if let index = tasks.firstIndex(where: { $0.id == task.id }) { tasks[index] = task }
            }
        }
        func claim(at now: Timestamp) async throws -> PlatformTask? {
            tasks.withLock { tasks in
                guard let index = tasks.firstIndex(where: { $0.state == .queued }) else { return nil }
                tasks[index].state = .running
                tasks[index].attempts += 1
                return tasks[index]
            }
        }
        func requeueRunning(at now: Timestamp) async throws -> Int {
            tasks.withLock { tasks in
                for index in tasks.indices where tasks[index].state == .running { tasks[index].state = .queued }
                return tasks.count
            }
        }
    }

    private struct Steps: TaskHandler {
        func run(_ task: PlatformTask, progress: TaskProgress) async throws -> JSONValue? {
            if task.subject == "fail" { throw PlatformError(.unprocessable, "It cannot be done.") }
            for step in 1...(task.subject == "long" ? 1000 : 3) {
                try await progress.step("Step \(step)", Double(step) / 1000)
                try await Task.sleep(for: .milliseconds(5))
            }
            return "done"
        }
    }

    private let clock = ManualClock()
    private let tasks = MemoryTasks()

    private func task(_ subject: String, state: PlatformTask.State = .queued) -> PlatformTask {
        PlatformTask(
            id: TaskID(at: clock.now), kind: .validation, modelID: ModelID(at: clock.now), versionID: VersionID(at: clock.now), ownerID: UserID(at: clock.now),
            subject: subject, state: state, createdAt: clock.now, updatedAt: clock.now
        )
    }

    private func withRunner(_ body: @escaping @Sendable (TaskRunner) async throws -> Void) async throws {
        let runner = TaskRunner(tasks: tasks, handlers: [.validation: Steps()], clock: clock, logger: Logger(label: "test"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await runner.run() }
            try await body(runner)
            group.cancelAll()
        }
    }

    private static func last(_ events: AsyncStream<PlatformTask>) async -> PlatformTask? {
        await events.reduce(nil) { $1 }
    }

    @Test("A task that was running when the server died is done at the next start, and listeners see its end")
    func resumes() async throws {
        let task = task("short", state: .running)
        try await tasks.add(task)
        try await withRunner { runner in
            let end = await Self.last(try await runner.events(of: task.id))
            #expect(end?.state == .completed && end?.result == "done" && end?.progress == 1)
        }
    }

    @Test("A failure is told in its own words")
    func fails() async throws {
        let task = task("fail")
        try await tasks.add(task)
        try await withRunner { runner in
            let end = await Self.last(try await runner.events(of: task.id))
            #expect(end?.state == .failed && end?.error == "It cannot be done.")
        }
    }

    @Test("A cancelled task stops at its next step; one that has ended cannot be cancelled")
    func cancels() async throws {
        let task = task("long")
        try await tasks.add(task)
        try await withRunner { runner in
            let events = try await runner.events(of: task.id)
            while try await tasks.task(task.id)?.state != .running { try await Task.sleep(for: .milliseconds(1)) }
            try await runner.cancel(task.id)
            #expect(await Self.last(events)?.state == .cancelled)
            await #expect(throws: PlatformError.self) { try await runner.cancel(task.id) }
        }
    }
}
