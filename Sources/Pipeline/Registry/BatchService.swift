internal import Access
package import Domain

/// One change of many models.
package enum BatchChange: Sendable {
    case tag(add: [String], remove: [String])
    case archive
    case delete
    case stage(Stage)
    case visibility(isPublic: Bool)
}

/// What became of one model of a batch.
package struct BatchResult: Sendable {
    package let id: ModelID
    /// nil: changed.
    package let failure: PlatformError?
    /// Whether the change waits for a second person.
    package var isPending = false
}

/// Changes many models at once, each by the rules that hold for one.
package struct BatchService: Sendable {
    package static let maximumModels = 1000
    private let models: ModelService
    private let registry: RegistryService
    private let stages: StageService

    package init(models: ModelService, registry: RegistryService, stages: StageService) {
        self.models = models
        self.registry = registry
        self.stages = stages
    }

    /// - Parameter isAtomic: Whether nothing is changed when the caller may not change one of them, or it is not there.
    /// - Returns: What became of each, in the order of `ids`, and whether the change was begun at all.
    package func apply(
        _ change: BatchChange, to ids: [ModelID], isAtomic: Bool, by principal: Principal
    ) async throws -> (results: [BatchResult], wasBegun: Bool) {
        if isAtomic {
            let faults = await results(ids) {
                try await check(change, $0, principal)
                return false
            }
            guard faults.allSatisfy({ $0.failure == nil }) else { return (faults, false) }
        }
        return (await results(ids) { try await apply(change, to: $0, by: principal) }, true)
    }

    /// - Parameter body: Returns whether the change waits.
    private func results(_ ids: [ModelID], _ body: (ModelID) async throws -> Bool) async -> [BatchResult] {
        var results: [BatchResult] = []
        for id in ids {
            do {
                results.append(BatchResult(id: id, failure: nil, isPending: try await body(id)))
            } catch let failure as PlatformError {
                results.append(BatchResult(id: id, failure: failure))
            } catch {
                results.append(BatchResult(id: id, failure: PlatformError(.internalError, "The model could not be changed.", cause: error)))
            }
        }
        return results
    }

    private func check(_ change: BatchChange, _ id: ModelID, _ principal: Principal) async throws {
        let action: ModelAccess.Action =
            switch change {
            case .delete: .delete
            case .visibility: .manage
            default: .update
            }
        let model = try await models.model(id, for: principal, to: action).model
        switch change {
        case .delete where model.registered.stage == .production:
            throw PlatformError(.conflict, "A version of the model is in production. hint: move it to another stage first.")
        case .stage(let stage):
            if stage == .production { try principal.require(.promoteModels) }
            guard try await registry.shown(model).stage != stage else { throw PlatformError(.conflict, "The version is in the stage '\(stage.rawValue)' already.") }
        case .visibility(isPublic: false) where model.isAnonymous:
            throw PlatformError(.conflict, "The model is called without a key. hint: end that first.")
        default: break
        }
    }

    private func apply(_ change: BatchChange, to id: ModelID, by principal: Principal) async throws -> Bool {
        var wanted = ModelChange()
        switch change {
        case .tag(let added, let removed):
            let tags = try await models.model(id, for: principal, to: .update).model.tags
            wanted.tags = tags.filter { !removed.contains($0) && !added.contains($0) } + added
            guard (wanted.tags ?? []).count <= 50 else { throw PlatformError.field("/tags", "a model has at most 50 tags") }
        case .archive: wanted.status = .archived
        case .visibility(let isPublic): wanted.isPublic = isPublic
        case .delete:
            try await models.delete(id, by: principal)
            return false
        case .stage(let stage):
            let shown = try await registry.shown(try await models.model(id, for: principal, to: .update).model)
            return try await stages.move(shown.id.rawValue, of: id, to: stage, comment: nil, by: principal).state == .pending
        }
        _ = try await models.update(id, wanted, by: principal)
        return false
    }
}
