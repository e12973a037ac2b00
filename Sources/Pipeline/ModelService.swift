package import Access
package import Domain
package import Files
internal import Foundation
internal import NIOPosix
package import Serving
package import Store
internal import Workers

/// What may be changed about a model; nil leaves it as it is.
package struct ModelChange: Sendable {
    package var name: String?
    package var description: String?
    package var category: String?
    package var tags: [String]?
    package var isPublic: Bool?
    package var isAnonymous: Bool?
    /// Empty: all addresses.
    package var addresses: [AddressRange]?
    package var status: Model.Status?
    package var needsApproval: Bool?
    package var history: HistoryPolicy?

    package init() {}
}

/// The catalogue as its users see it: every rule about who may see and change what is asked here.
package struct ModelService: Sendable {
    private let models: any ModelRepository
    private let apis: any ModelAPIRepository
    private let usage: any UsageRepository
    private let validations: any ValidationRepository
    private let audit: any AuditRepository
    private let deployments: DeploymentDirectory
    private let activation: ActivationService
    private let files: VersionFiles
    private let runner: TaskRunner
    private let clock: any WallClock

    package init(
        models: any ModelRepository, apis: any ModelAPIRepository, usage: any UsageRepository, validations: any ValidationRepository,
        audit: any AuditRepository, deployments: DeploymentDirectory, activation: ActivationService, files: VersionFiles, runner: TaskRunner,
        clock: any WallClock
    ) {
        self.models = models
        self.apis = apis
        self.usage = usage
        self.validations = validations
        self.audit = audit
        self.deployments = deployments
        self.activation = activation
        self.files = files
        self.runner = runner
        self.clock = clock
    }

    // MARK: - Reading

    package func list(_ query: ModelQuery, for principal: Principal) async throws -> ModelPage {
        var query = query
        try principal.require(.readModels)
        query.visibleTo = viewer(principal)
        query.among = principal.scope?.models
        return try await models.models(query)
    }

    /// - Returns: nil for who sees everything.
    func viewer(_ principal: Principal) -> ModelQuery.Viewer? {
        principal.may(.administerModels) ? nil : ModelQuery.Viewer(user: principal.userID, groups: principal.groups, now: clock.now)
    }

    /// - Throws: `modelNotFound`, also for a model the caller may not see; `forbidden`.
    package func model(_ id: ModelID, for principal: Principal, to action: ModelAccess.Action = .view) async throws -> (model: Model, owner: User) {
        guard let found = try await models.model(id) else { throw PlatformError.notFound("model", id.rawValue) }
        try ModelAccess.require(action, on: id, found.model.rules, by: principal, at: clock.now)
        return found
    }

    package func versions(of id: ModelID, for principal: Principal) async throws -> [ModelVersion] {
        _ = try await model(id, for: principal)
        return try await models.versions(of: id)
    }

    /// - Throws: `notFound` also for a version of another model.
    package func version(_ id: VersionID, of modelID: ModelID, for principal: Principal, to action: ModelAccess.Action = .view) async throws -> ModelVersion {
        _ = try await model(modelID, for: principal, to: action)
        guard let version = try await models.version(id), version.modelID == modelID else { throw PlatformError.notFound("version", id.rawValue) }
        return version
    }

    /// A version whoever asks; nil while its file has not come.
    func stored(_ id: VersionID) async throws -> ModelVersion? { try await models.version(id) }

    package func use(of owner: UserID) async throws -> AccountUse {
        try await models.use(of: owner)
    }

    package func statistics(of id: ModelID) async throws -> UsageStatistics {
        try await usage.statistics(of: id)
    }

    /// The calls of the last days, today included; for who may change the model, since errors may tell what others asked.
    package func analytics(of id: ModelID, days: Int, for principal: Principal) async throws -> UsageAnalytics {
        _ = try await model(id, for: principal, to: .update)
        return try await usage.analytics(of: id, since: clock.now.day - Int64(days) + 1)
    }

    /// The caller's own calls, of the models that the key is for.
    package func calls(_ query: CallQuery, for principal: Principal) async throws -> [PastCall] {
        try principal.require(.executeModels)
        var query = query
        query.userID = principal.userID
        query.among = principal.scope?.models
        return try await usage.calls(query)
    }

    package func api(of id: ModelID) async throws -> ModelAPI? {
        try await apis.api(of: id)
    }

    package func deployment(of id: ModelID) -> Deployment? {
        deployments.current(of: id)?.deployment
    }

    /// What the scan of the version's file said, JSON.
    /// - Throws: `notFound` while it was not scanned.
    package func scan(of version: ModelVersion) async throws -> [UInt8] {
        let report = try await NIOThreadPool.singleton.runIfActive { [files] in try files.existing(ScanReport.fileName, of: version)?.contents() }
        guard let report else { throw PlatformError.notFound("scan", version.id.rawValue) }
        return report
    }

    /// What the version's workers printed, during validations too; at most about 1.5 MiB.
    package func log(of version: ModelVersion) async throws -> String {
        try await NIOThreadPool.singleton.runIfActive { [files] in files.log(version).text() }
    }

    /// The version that serves.
    /// - Throws: `modelNotActive` when there is none.
    package func currentVersion(of id: ModelID, for principal: Principal, to action: ModelAccess.Action) async throws -> ModelVersion {
        guard let current = try await model(id, for: principal, to: action).model.currentVersionID else {
            try await explainInactive(id, for: principal)
        }
        return try await version(current, of: id, for: principal, to: action)
    }

    /// The version's file as it was uploaded.
    package func file(of version: ModelVersion) -> StoredFile { files.model(of: version) }

    package func validations(of id: ModelID, for principal: Principal, limit: Int) async throws -> [Validation] {
        _ = try await model(id, for: principal)
        return try await validations.validations(of: id, limit: limit)
    }

    package func validation(_ id: ValidationID, of modelID: ModelID, for principal: Principal) async throws -> Validation {
        _ = try await model(modelID, for: principal)
        guard let validation = try await validations.validation(id), validation.modelID == modelID else {
            throw PlatformError.notFound("validation", id.rawValue)
        }
        return validation
    }

    /// Why a model that has no deployment does not answer.
    /// - Throws: `modelNotActive` when the caller may see it, else `modelNotFound`.
    package func explainInactive(_ id: ModelID, for principal: Principal) async throws -> Never {
        let model = try await model(id, for: principal).model
        throw PlatformError(
            .modelNotActive, "The model has no active version; its validation is '\(model.validationStatus.rawValue)'. hint: see its validations, activate a version.",
            details: .object(["validation_status": .string(model.validationStatus.rawValue)])
        )
    }

    // MARK: - Changing

    package func update(_ id: ModelID, _ change: ModelChange, by principal: Principal) async throws -> (model: Model, owner: User) {
        for _ in 0..<3 {
            // A validation that ends meanwhile changes the row too.
            if let updated = try await attempt(change, of: id, by: principal) { return updated }
        }
        throw PlatformError(.conflict, "The model is being changed by somebody else. hint: try again.")
    }

    /// - Returns: nil when the model was changed between reading and writing.
    private func attempt(_ change: ModelChange, of id: ModelID, by principal: Principal) async throws -> (model: Model, owner: User)? {
        let (before, after, owner) = try await prepare(change, of: id, by: principal)
        guard try await models.update(after, readAt: before.updatedAt) else { return nil }
        try await follow(change, from: before, to: after, by: principal)
        return (after, owner)
    }

    /// Checks a change that is not written yet.
    func prepare(_ change: ModelChange, of id: ModelID, by principal: Principal) async throws -> (before: Model, after: Model, owner: User) {
        var (model, owner) = try await model(id, for: principal, to: .update)
        let before = model
        model.name = change.name ?? model.name
        model.description = change.description ?? model.description
        model.category = change.category ?? model.category
        model.tags = change.tags ?? model.tags
        if change.isPublic ?? model.isPublic != model.isPublic || change.isAnonymous != nil || change.addresses != nil {
            try ModelAccess.require(.manage, on: id, model.rules, by: principal, at: clock.now)
        }
        if change.isPublic == true, model.isModerated {
            guard principal.may(.administerModels) else {
                throw PlatformError(.forbidden, "A moderator took the model out of public view, and only a moderator lets it back.")
            }
            model.isModerated = false
        } else if change.isPublic == true, !model.isPublic, !principal.may(.administerModels),
            try await models.isModerated(anyOf: try await models.versions(of: id).map(\.fileHash))
        {
            throw PlatformError(.forbidden, "A moderator took a model with the same file out of public view, and only a moderator lets it back.")
        }
        model.isPublic = change.isPublic ?? model.isPublic
        model.isAnonymous = change.isAnonymous ?? model.isAnonymous
        if let needsApproval = change.needsApproval {
            try ModelAccess.require(.manage, on: id, model.rules, by: principal, at: clock.now)
            model.needsApproval = needsApproval
        }
        if let history = change.history {
            try ModelAccess.require(.manage, on: id, model.rules, by: principal, at: clock.now)
            model.history = history
        }
        if let addresses = change.addresses { model.addresses = addresses.isEmpty ? nil : addresses }
        guard model.isPublic || !model.isAnonymous else {
            throw PlatformError(.conflict, "Only a public model can be called without a key. hint: set is_public too.")
        }
        if let status = change.status {
            let isComingBack = model.status == .archived && status == .active && model.currentVersionID == nil
            guard model.currentVersionID != nil || status == .archived || isComingBack else {
                throw PlatformError(.conflict, "The model has no active version, so it cannot be \(status.rawValue). hint: activate one first.")
            }
            model.status = isComingBack ? .pending : status
        }
        model.updatedAt = max(clock.now, before.updatedAt.adding(milliseconds: 1))
        return (before, model, owner)
    }

    /// What follows a change that was written.
    func follow(_ change: ModelChange, from before: Model, to after: Model, by principal: Principal) async throws {
        try await activation.refreshRules(of: after.id)
        try await serve(after, change, before: before.status)
        try await audit.note("model.updated", on: after.id, by: principal.userID, Self.difference(before, after), at: clock.now)
    }

    /// An archived model does not answer; one that comes back does, with the version it had.
    private func serve(_ model: Model, _ change: ModelChange, before: Model.Status) async throws {
        if model.status == .archived { return deployments.remove(model.id) }
        guard change.status == .active, deployments.current(of: model.id) == nil, let current = model.currentVersionID,
            let version = try await models.version(current)
        else { return }
        do {
            try await activation.activate(version, of: model)
        } catch {
            var archived = model
            archived.status = before
            archived.updatedAt = max(clock.now, model.updatedAt.adding(milliseconds: 1))
            _ = try await models.update(archived, readAt: model.updatedAt)
            throw error
        }
    }

    /// Takes a model out of the catalogue at once; its files go after a grace period.
    package func delete(_ id: ModelID, by principal: Principal) async throws {
        try await requireDeletable(id, by: principal)
        try await models.delete(id, at: clock.now)
        try await followDeletion(of: id, by: principal)
    }

    /// - Throws: `modelNotFound`, `forbidden`; `conflict` for a model in production.
    func requireDeletable(_ id: ModelID, by principal: Principal) async throws {
        guard try await model(id, for: principal, to: .delete).model.registered.stage != .production else {
            throw PlatformError(.conflict, "A version of the model is in production. hint: move it to another stage first.")
        }
    }

    func followDeletion(of id: ModelID, by principal: Principal) async throws {
        deployments.remove(id)
        try await audit.note("model.deleted", on: id, by: principal.userID, at: clock.now)
    }

    /// Starts a validation of a version, or of the current (else the newest) one.
    package func validate(_ id: ModelID, version versionID: VersionID?, by principal: Principal) async throws -> Validation {
        let model = try await model(id, for: principal, to: .update).model
        let target: ModelVersion
        if let versionID = versionID ?? model.currentVersionID {
            target = try await version(versionID, of: id, for: principal)
        } else if let newest = try await models.versions(of: id).first {
            target = newest
        } else {
            throw PlatformError(.conflict, "The model has no version to validate.")
        }
        let now = clock.now
        let taskID = TaskID(at: now)
        let validation = Validation(
            id: ValidationID(at: now), modelID: id, versionID: target.id, taskID: taskID, requestedBy: principal.userID, createdAt: now
        )
        let task = PlatformTask(
            id: taskID, kind: .validation, modelID: id, versionID: target.id, ownerID: principal.userID, subject: validation.id.rawValue,
            createdAt: now, updatedAt: now
        )
        try await validations.add(validation, task: task)
        runner.wake()
        try await audit.note("validation.requested", on: id, by: principal.userID, ["validation": .string(validation.id.rawValue)], at: clock.now)
        return validation
    }

    /// Makes a version the one that serves; also the way back to an older one.
    package func activate(_ versionID: VersionID, of id: ModelID, by principal: Principal) async throws -> ModelVersion {
        let model = try await model(id, for: principal, to: .activate).model
        guard model.status != .archived else { throw PlatformError(.conflict, "The model is archived. hint: set its status to active first.") }
        let version = try await version(versionID, of: id, for: principal)
        try await activation.activate(version, of: model)
        try await audit.note("version.activated", on: id, by: principal.userID, ["version": .string(version.version.description)], at: clock.now)
        return version
    }

    /// Sets how the model's prediction API answers.
    /// - Throws: `conflict` while no version is active.
    package func generateAPI(_ id: ModelID, path: String, rateLimitPerMinute: Int?, isAsync: Bool, by principal: Principal) async throws -> ModelAPI {
        let model = try await model(id, for: principal, to: .manage).model
        guard let versionID = model.currentVersionID else {
            throw PlatformError(.conflict, "The model has no active version. hint: wait for its validation, or activate one.")
        }
        let now = clock.now
        var api =
            try await apis.api(of: id)
            ?? ModelAPI(
                id: APIID(at: now), modelID: id, versionID: versionID, endpointPath: path, isActive: true, rateLimitPerMinute: nil,
                isAsync: isAsync, createdAt: now, updatedAt: now
            )
        api.endpointPath = path
        api.rateLimitPerMinute = rateLimitPerMinute
        api.isAsync = isAsync
        api.isActive = true
        api.updatedAt = now
        try await apis.save(api)
        deployments.update(id) { [api] deployment in deployment.with(api: api) }
        try await audit.note("api.generated", on: id, by: principal.userID, at: clock.now)
        return api
    }

    private static func difference(_ before: Model, _ after: Model) -> [String: JSONValue] {
        func members(_ model: Model) -> [String: JSONValue] {
            [
                "name": .string(model.name), "description": .string(model.description), "category": model.category.map { .string($0) } ?? .null,
                "tags": .strings(model.tags), "is_public": .bool(model.isPublic), "allow_anonymous": .bool(model.isAnonymous),
                "allowed_addresses": model.addresses.map { .strings($0.map(\.description)) } ?? .null, "status": .string(model.status.rawValue),
                "needs_approval": .bool(model.needsApproval), "history_rate": .double(model.history.rate), "history_days": .int(model.history.days),
            ]
        }
        return AuditEntry.difference(members(before), members(after))
    }
}
