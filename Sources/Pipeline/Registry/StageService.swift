internal import Access
package import Domain

/// Stages and names of versions: who may give them is decided here, and every change is recorded and can be taken back.
package struct StageService: Sendable {
    private let models: ModelService
    private let registry: RegistryService
    private let promotions: any PromotionRepository
    private let activation: ActivationService
    private let groups: any GroupRepository
    private let events: EventService
    private let audit: any AuditRepository
    private let clock: any WallClock

    package init(
        models: ModelService, registry: RegistryService, promotions: any PromotionRepository, activation: ActivationService, groups: any GroupRepository,
        events: EventService, audit: any AuditRepository, clock: any WallClock
    ) {
        self.models = models
        self.registry = registry
        self.promotions = promotions
        self.activation = activation
        self.groups = groups
        self.events = events
        self.audit = audit
        self.clock = clock
    }

    // MARK: - Stages

    /// Moves a version to another stage; the one that was in production is archived.
    /// - Returns: A promotion that waits, when the model wants a second person's word and the stage is production.
    /// - Throws: `forbidden` without `models:promote` for production; `conflict` when it is there already, or did not pass its validation.
    package func move(_ reference: String, of id: ModelID, to stage: Stage, comment: String?, by principal: Principal) async throws -> Promotion {
        let promotion = try await promotions.save(try await prepare(reference, of: id, to: stage, comment: comment, by: principal))
        try await follow(promotion, by: principal)
        return promotion
    }

    /// Checks a way to another stage that is not written yet.
    func prepare(_ reference: String, of id: ModelID, to stage: Stage, comment: String?, by principal: Principal) async throws -> Promotion {
        let model = try await models.model(id, for: principal, to: .update).model
        let record = try await registry.record(reference, of: id, for: principal)
        if stage == .production || record.stage == .production { try principal.require(.promoteModels) }
        guard record.stage != stage else { throw PlatformError(.conflict, "Version \(record.version) is in the stage '\(stage.rawValue)' already.") }
        if stage == .production {
            guard try await registry.version(reference, of: id, for: principal, to: .update).validationStatus.mayServe else {
                throw PlatformError(.conflict, "Version \(record.version) did not pass its validation, so it cannot go to production.")
            }
        }
        let waits = stage == .production && model.needsApproval
        let now = clock.now
        return Promotion(
            id: PromotionID(at: now), modelID: id, versionID: record.id, from: record.stage, to: stage, state: waits ? .pending : .done, comment: comment,
            requestedBy: principal.userID, requestedAt: now, decidedAt: waits ? nil : now)
    }

    /// What follows a way that was written.
    func follow(_ promotion: Promotion, by principal: Principal) async throws {
        try await note(promotion.state == .pending ? "promotion.requested" : "version.stage_changed", promotion, principal)
        guard promotion.state == .pending else { return }
        let model = try await models.model(promotion.modelID, for: principal).model
        await events.promotionAsked(promotion, of: model, to: try await managers(of: model))
    }

    /// The owner, and who was given everything on the model.
    private func managers(of model: Model) async throws -> Set<UserID> {
        var people: Set<UserID> = [model.ownerID]
        for grant in model.grants where grant.level == .admin && grant.expiresAt.map({ $0 > clock.now }) ?? true {
            switch grant.grantee {
            case .user(let user): people.insert(user)
            case .group(let group): people.formUnion(try await groups.members(of: group).map(\.id))
            }
        }
        return people
    }

    /// - Throws: `forbidden` for who asked for it; `conflict` when it does not wait any more.
    package func decide(_ promotionID: PromotionID, of id: ModelID, approve: Bool, by principal: Principal) async throws -> Promotion {
        var promotion = try await promotion(promotionID, of: id, for: principal)
        try principal.require(.promoteModels)
        guard promotion.state == .pending else { throw PlatformError(.conflict, "The promotion is \(promotion.state.rawValue) already.") }
        guard promotion.requestedBy != principal.userID || !approve else {
            throw PlatformError(.forbidden, "Somebody else than who asked must approve a promotion.")
        }
        if approve, promotion.to == .production {
            guard try await registry.version(promotion.versionID.rawValue, of: id, for: principal, to: .update).validationStatus.mayServe else {
                throw PlatformError(.conflict, "The version failed a validation since, so it cannot go to production.")
            }
        }
        promotion.state = approve ? .done : .rejected
        promotion.decidedBy = principal.userID
        promotion.decidedAt = clock.now
        promotion = try await promotions.save(promotion)
        try await note(approve ? "promotion.approved" : "promotion.rejected", promotion, principal)
        await events.promotionDecided(promotion, of: try await models.model(id, for: principal).model, at: clock.now)
        return promotion
    }

    /// Puts the version, and those that left production for it, back where they were.
    /// - Throws: `conflict` when it was not done, or one of them was moved since.
    package func revert(_ promotionID: PromotionID, of id: ModelID, by principal: Principal) async throws -> Promotion {
        var promotion = try await promotion(promotionID, of: id, for: principal)
        if promotion.to == .production || promotion.from == .production { try principal.require(.promoteModels) }
        guard promotion.state == .done else { throw PlatformError(.conflict, "The promotion is \(promotion.state.rawValue), so there is nothing to take back.") }
        promotion.decidedBy = principal.userID
        promotion.decidedAt = clock.now
        try await promotions.revert(promotion)
        promotion.state = .reverted
        try await note("promotion.reverted", promotion, principal)
        return promotion
    }

    package func promotions(of id: ModelID, limit: Int, for principal: Principal) async throws -> [Promotion] {
        _ = try await models.model(id, for: principal)
        return try await promotions.promotions(of: id, limit: limit)
    }

    private func promotion(_ promotionID: PromotionID, of id: ModelID, for principal: Principal) async throws -> Promotion {
        _ = try await models.model(id, for: principal, to: .update)
        guard let promotion = try await promotions.promotion(promotionID), promotion.modelID == id else {
            throw PlatformError.notFound("promotion", promotionID.rawValue)
        }
        return promotion
    }

    // MARK: - Aliases

    package func aliases(of id: ModelID, for principal: Principal) async throws -> [ModelAlias] {
        _ = try await models.model(id, for: principal)
        return try await promotions.aliases(of: id)
    }

    /// Gives a version a name; another version that had it loses it.
    /// - Throws: `schemaViolation`; `forbidden` for `champion` and `production` without `models:promote`.
    package func setAlias(_ name: String, of id: ModelID, to reference: String, by principal: Principal) async throws -> ModelAlias {
        try Self.check(name, principal)
        _ = try await models.model(id, for: principal, to: .update)
        let record = try await registry.record(reference, of: id, for: principal)
        let before = try await promotions.aliases(of: id).first { $0.name == name }
        let alias = ModelAlias(modelID: id, name: name, versionID: record.id, updatedAt: clock.now, updatedBy: principal.userID)
        try await promotions.save(alias)
        try await activation.refreshRules(of: id)
        try await audit.note(
            "alias.set", on: id, by: principal.userID,
            ["alias": .string(name), "before": before.map { .string($0.versionID.rawValue) } ?? .null, "after": .string(record.id.rawValue)], at: clock.now)
        return alias
    }

    /// - Throws: `notFound`.
    package func removeAlias(_ name: String, of id: ModelID, by principal: Principal) async throws {
        try Self.check(name, principal)
        _ = try await models.model(id, for: principal, to: .update)
        guard try await promotions.removeAlias(name, of: id) else { throw PlatformError.notFound("alias", name) }
        try await activation.refreshRules(of: id)
        try await audit.note("alias.removed", on: id, by: principal.userID, ["alias": .string(name)], at: clock.now)
    }

    private static func check(_ name: String, _ principal: Principal) throws {
        guard ModelAlias.isName(name), name != ModelAlias.latest else {
            throw PlatformError.field("/alias", "expected a small letter, then small letters, digits, - and _; not 'latest', and nothing that could be a version")
        }
        if ModelAlias.protected.contains(name) { try principal.require(.promoteModels) }
    }

    private func note(_ action: String, _ promotion: Promotion, _ principal: Principal) async throws {
        try await audit.note(
            action, on: promotion.modelID, by: principal.userID,
            [
                "promotion": .string(promotion.id.rawValue), "version": .string(promotion.versionID.rawValue), "before": .string(promotion.from.rawValue),
                "after": .string(promotion.to.rawValue), "archived": .strings(promotion.archived.map(\.rawValue)),
            ], at: clock.now)
    }
}
