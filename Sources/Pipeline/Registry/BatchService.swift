internal import Access
package import Domain
package import Logging

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

/// Changes many models at once, each by the rules that hold for one: all of them in one transaction, or as many as can be.
package struct BatchService: Sendable {
    package static let maximumModels = 1000
    /// How often a batch is begun anew when somebody else changes one of its models meanwhile.
    private static let attempts = 3

    /// A change that was checked and is not written yet.
    private enum Prepared {
        case update(ModelChange, before: Model, after: Model)
        case delete(ModelID, at: Timestamp)
        case promote(Promotion)

        var change: CatalogueChange {
            switch self {
            case .update(_, let before, let after): .update(after, readAt: before.updatedAt)
            case .delete(let model, let now): .delete(model, at: now)
            case .promote(let promotion): .promote(promotion)
            }
        }
    }

    private let models: ModelService
    private let catalogue: any ModelRepository
    private let registry: RegistryService
    private let stages: StageService
    private let clock: any WallClock
    private let logger: Logger

    package init(models: ModelService, catalogue: any ModelRepository, registry: RegistryService, stages: StageService, clock: any WallClock, logger: Logger) {
        self.models = models
        self.catalogue = catalogue
        self.registry = registry
        self.stages = stages
        self.clock = clock
        self.logger = logger
    }

    /// - Parameter isAtomic: Whether nothing is changed when one of them cannot be.
    /// - Returns: What became of each, in the order of `ids`, and whether anything was changed at all.
    package func apply(
        _ change: BatchChange, to ids: [ModelID], isAtomic: Bool, by principal: Principal
    ) async -> (results: [BatchResult], wasBegun: Bool) {
        if isAtomic { return await applyTogether(change, to: ids, by: principal) }
        var results: [BatchResult] = []
        for id in ids { results += await applyTogether(change, to: [id], by: principal).results }
        return (results, true)
    }

    private func applyTogether(_ change: BatchChange, to ids: [ModelID], by principal: Principal) async -> (results: [BatchResult], wasBegun: Bool) {
        for _ in 0..<Self.attempts {
            var prepared: [Prepared] = []
            var results: [BatchResult] = []
            for id in ids {
                do {
                    prepared.append(try await prepare(change, id, principal))
                    results.append(BatchResult(id: id, failure: nil))
                } catch {
                    results.append(BatchResult(id: id, failure: Self.failure(error)))
                }
            }
            guard prepared.count == ids.count else { return (results, false) }
            do {
                guard let written = try await catalogue.apply(prepared.map(\.change)) else { continue }
                await follow(prepared, written, principal)
                return (zip(ids, written).map { BatchResult(id: $0, failure: nil, isPending: $1.isPending) }, true)
            } catch let failure as PlatformError where failure.code == .conflict {
                continue
            } catch {
                return (ids.map { BatchResult(id: $0, failure: Self.failure(error)) }, false)
            }
        }
        let failure = PlatformError(.conflict, "The models are being changed by somebody else. hint: try again.")
        return (ids.map { BatchResult(id: $0, failure: failure) }, false)
    }

    private func prepare(_ change: BatchChange, _ id: ModelID, _ principal: Principal) async throws -> Prepared {
        var wanted = ModelChange()
        switch change {
        case .tag(let added, let removed):
            let tags = try await models.model(id, for: principal, to: .update).model.tags
            wanted.tags = tags.filter { !removed.contains($0) && !added.contains($0) } + added
            guard (wanted.tags ?? []).count <= 50 else { throw PlatformError.field("/tags", "a model has at most 50 tags") }
        case .archive: wanted.status = .archived
        case .visibility(let isPublic): wanted.isPublic = isPublic
        case .delete:
            try await models.requireDeletable(id, by: principal)
            return .delete(id, at: clock.now)
        case .stage(let stage):
            let shown = try await registry.shown(try await models.model(id, for: principal, to: .update).model)
            return .promote(try await stages.prepare(shown.id.rawValue, of: id, to: stage, comment: nil, by: principal))
        }
        let (before, after, _) = try await models.prepare(wanted, of: id, by: principal)
        return .update(wanted, before: before, after: after)
    }

    private static func failure(_ error: any Error) -> PlatformError {
        error as? PlatformError ?? PlatformError(.internalError, "The model could not be changed.", cause: error)
    }

    /// What follows the commit: the changes stand, whatever becomes of this.
    private func follow(_ prepared: [Prepared], _ written: [CatalogueChange], _ principal: Principal) async {
        for (prepared, written) in zip(prepared, written) {
            do {
                switch (prepared, written) {
                case (.update(let change, let before, let after), _): try await models.follow(change, from: before, to: after, by: principal)
                case (.delete(let id, _), _): try await models.followDeletion(of: id, by: principal)
                case (_, .promote(let promotion)): try await stages.follow(promotion, by: principal)
                case (.promote, _): break
                }
            } catch {
                logger.error("A change of many models was written, but not recorded in full", metadata: ["error": "\(error)"])
            }
        }
    }
}

extension CatalogueChange {
    /// Whether the change waits for a second person.
    fileprivate var isPending: Bool {
        if case .promote(let promotion) = self { promotion.state == .pending } else { false }
    }
}
