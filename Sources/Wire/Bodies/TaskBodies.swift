package import Domain

/// Answers about tasks.
package enum TaskBodies {
    package static func task(_ task: PlatformTask) -> JSONValue {
        .object([
            "id": .string(task.id.rawValue), "kind": .string(task.kind.rawValue), "status": .string(task.state.rawValue),
            "progress": .double((task.progress * 1000).rounded() / 1000), "step": .string(task.step), "model_id": .string(task.modelID.rawValue),
            "version_id": .string(task.versionID.rawValue), "result": task.result ?? .null, "error": task.error.map { .string($0) } ?? .null,
            "attempts": .int(task.attempts), "created_at": .string(task.createdAt.description), "updated_at": .string(task.updatedAt.description),
        ])
    }
}
