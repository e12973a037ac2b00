internal import Access
internal import Domain
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import Pipeline
internal import ServiceLifecycle
internal import Wire

/// `/api/v1/tasks`: the caller's own tasks, their progress as it happens, and a way to stop them.
struct TaskRoutes {
    let tasks: any TaskRepository
    let runner: TaskRunner

    func add(to group: RouterGroup<AppContext>) {
        group.get(use: list)
        group.get("{task_id}", use: get)
        group.get("{task_id}/events", use: events)
        group.post("{task_id}/cancel", use: cancel)
    }

    @Sendable private func list(_ request: Request, _ context: AppContext) async throws -> Response {
        let limit = try request.number("limit", in: 1...200, default: 50)
        let principal = try context.principal
        let found = try await tasks.tasks(of: principal.userID, limit: limit).filter { Self.may(principal, see: $0) }
        return try Answer.success(["data": .array(found.map(TaskBodies.task)), "total": .int(found.count)])
    }

    @Sendable private func get(_ request: Request, _ context: AppContext) async throws -> Response {
        try Answer.success(["data": TaskBodies.task(try await task(context))])
    }

    @Sendable private func cancel(_ request: Request, _ context: AppContext) async throws -> Response {
        let task = try await task(context)
        if task.kind == .validation { try context.principal.require(.updateModels) }
        try await runner.cancel(task.id)
        return try Answer.success(["message": "The task is being cancelled."], status: .accepted)
    }

    /// Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html): one `progress` for each change.
    @Sendable private func events(_ request: Request, _ context: AppContext) async throws -> Response {
        let stream = try await runner.events(of: try await task(context).id)
        let body = ResponseBody { writer in
            for await task in stream.cancelOnGracefulShutdown() {
                let data = String(decoding: ControlJSON.encode(TaskBodies.task(task)), as: UTF8.self)
                try await writer.write(ByteBuffer(string: "event: progress\ndata: \(data)\n\n"))
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"], body: body)
    }

    private func task(_ context: AppContext) async throws -> PlatformTask {
        let principal = try context.principal
        let id: TaskID = try context.id("task_id", "task")
        guard let task = try await tasks.task(id) else { throw PlatformError.notFound("task", id.rawValue) }
        guard task.ownerID == principal.userID || principal.may(.administerModels), Self.may(principal, see: task) else {
            throw PlatformError.notFound("task", id.rawValue).caused(by: HiddenFromCaller())
        }
        return task
    }

    /// A key sees what it could have asked for.
    private static func may(_ principal: Principal, see task: PlatformTask) -> Bool {
        principal.may(task.kind == .prediction ? .executeModels : .readModels) && principal.scope?.models?.contains(task.modelID) ?? true
    }
}
