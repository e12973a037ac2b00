package import Access
package import Domain
package import Logging

/// What is said about models and versions, whether their files are there or not.
package struct RegistryService: Sendable {
    private static let longestLineage = 200
    private let models: ModelService
    private let records: any RecordRepository
    private let promotions: any PromotionRepository
    private let catalogue: any CatalogueRepository
    private let audit: any AuditRepository
    private let clock: any WallClock
    private let logger: Logger

    package init(
        models: ModelService, records: any RecordRepository, promotions: any PromotionRepository, catalogue: any CatalogueRepository, audit: any AuditRepository,
        clock: any WallClock, logger: Logger
    ) {
        self.models = models
        self.records = records
        self.promotions = promotions
        self.catalogue = catalogue
        self.audit = audit
        self.clock = clock
        self.logger = logger
    }

    // MARK: - Making known

    /// - Throws: `forbidden`, `quotaExceeded`, `modelNotFound` for a parent that the caller may not see.
    package func register(_ registration: Registration, by principal: Principal) async throws -> (model: Model, record: VersionRecord) {
        try principal.require(.uploadModels)
        guard principal.scope?.models == nil else { throw PlatformError(.forbidden, "The API key is for single models and cannot register a new one.") }
        var parentID: VersionID?
        if let parent = registration.parent {
            let model = try await models.model(parent, for: principal).model
            parentID = try await shown(model).id
        }
        let now = clock.now
        let model = Model(
            id: ModelID(at: now), name: registration.name, description: registration.about, type: registration.type,
            framework: registration.framework ?? registration.type.frameworkName, category: nil, tags: registration.tags, isPublic: registration.isPublic,
            ownerID: principal.userID, version: registration.version ?? .first, registered: Registered(parentID: registration.parent), createdAt: now, updatedAt: now)
        let record = VersionRecord(
            id: VersionID(at: now), modelID: model.id, version: model.version, description: registration.description, parentID: parentID, createdAt: now,
            createdBy: principal.userID)
        try await records.register(model, record, within: principal.limits)
        try await audit.note(
            "model.registered", on: model.id, by: principal.userID, ["name": .string(model.name), "version": .string(model.version.description)], at: clock.now)
        return (model, record)
    }

    /// - Throws: `conflict` when the version exists; `schemaViolation` for a parent that is not known.
    package func announce(_ announcement: Announcement, of id: ModelID, by principal: Principal) async throws -> VersionRecord {
        _ = try await models.model(id, for: principal, to: .update)
        if let parent = announcement.parentID { try await requireVisible(parent, principal) }
        let now = clock.now
        let record = try await records.announce(
            NewRecord(
                id: VersionID(at: now), modelID: id, version: announcement.version, isBreaking: announcement.isBreaking, description: announcement.description,
                parentID: announcement.parentID, createdAt: now, createdBy: principal.userID))
        try await audit.note("version.announced", on: id, by: principal.userID, ["version": .string(record.version.description)], at: clock.now)
        return record
    }

    /// Changes what is said of the version that the model shows.
    package func describe(_ id: ModelID, _ description: VersionDescription, by principal: Principal) async throws {
        var record = try await shown(try await models.model(id, for: principal, to: .update).model)
        record.description = description.filled(from: record.description)
        try await records.update(record)
        try await audit.note("version.described", on: id, by: principal.userID, ["version": .string(record.version.description)], at: clock.now)
    }

    private func requireVisible(_ parent: VersionID, _ principal: Principal) async throws {
        let fault = PlatformError.field("/parent_version_id", "expected the id of a version that you may see")
        guard let record = try await records.record(parent) else { throw fault }
        do {
            _ = try await models.model(record.modelID, for: principal)
        } catch { throw fault }
    }

    // MARK: - Reading

    /// What is said of the version that serves, else of the newest.
    /// - Throws: `notFound` for a model of which nothing is said.
    package func shown(_ model: Model) async throws -> VersionRecord {
        if let current = model.currentVersionID, let record = try await records.record(current) { return record }
        guard let newest = try await records.records(of: model.id).max(by: { $0.version < $1.version }) else {
            throw PlatformError.notFound("version", model.id.rawValue)
        }
        return newest
    }

    package func records(of id: ModelID, for principal: Principal) async throws -> [VersionRecord] {
        _ = try await models.model(id, for: principal)
        return try await records.records(of: id)
    }

    /// A version by its id, its number (`2.1.0`, `v2.1`) or a name.
    /// - Throws: `notFound`.
    package func record(
        _ reference: String, of id: ModelID, for principal: Principal, to action: ModelAccess.Action = .view
    ) async throws -> VersionRecord {
        _ = try await models.model(id, for: principal, to: action)
        let all = try await records.records(of: id)
        let names = VersionNames(all.map { ($0.id, $0.version) }, aliases: try await promotions.aliases(of: id))
        guard let version = names.version(reference), let found = all.first(where: { $0.id == version }) else {
            throw PlatformError.notFound("version", String(reference.prefix(64)))
        }
        return found
    }

    /// The version with its file.
    /// - Throws: `conflict` while there is no file.
    package func version(_ reference: String, of id: ModelID, for principal: Principal, to action: ModelAccess.Action) async throws -> ModelVersion {
        let record = try await record(reference, of: id, for: principal, to: action)
        do {
            return try await models.version(record.id, of: id, for: principal, to: action)
        } catch let error as PlatformError where error.code == .notFound {
            throw PlatformError(.conflict, "Version \(record.version) has no file yet. hint: POST it to /api/v1/models/\(id)/upload.")
        }
    }

    /// The file of a version, when it has come.
    package func file(of record: VersionRecord) async throws -> ModelVersion? { try await models.stored(record.id) }

    /// The version that the next file is for: the one that is named, else the newest that has none.
    /// - Returns: nil when every version has its file, so that the next one becomes a new version.
    /// - Throws: `conflict` when the one that is named has its file.
    package func awaitingFile(of id: ModelID, version: String?, for principal: Principal) async throws -> VersionRecord? {
        if let version {
            let known = try await records(of: id, for: principal)
            // A version that nobody made known becomes a new one.
            if let number = SemanticVersion(short: version), !known.contains(where: { $0.version == number }) { return nil }
            let record = try await record(version, of: id, for: principal, to: .update)
            guard try await models.stored(record.id) == nil else { throw PlatformError(.conflict, "Version \(record.version) has its file already.") }
            return record
        }
        _ = try await models.model(id, for: principal, to: .update)
        let stored = Set(try await models.versions(of: id, for: principal).map(\.id))
        return try await records.records(of: id).filter { !stored.contains($0.id) }.max { $0.version < $1.version }
    }

    /// The version and everything it was made from; of what the caller may not see only that it is there is told.
    package func lineage(of reference: String, _ id: ModelID, for principal: Principal) async throws -> [(record: VersionRecord, model: Model?)] {
        let record = try await record(reference, of: id, for: principal)
        var lineage: [(VersionRecord, Model?)] = []
        for ancestor in try await records.ancestors(of: record.id, limit: Self.longestLineage) {
            lineage.append((ancestor, try? await models.model(ancestor.modelID, for: principal).model))
        }
        return lineage
    }

    package func statistics(for principal: Principal) async throws -> CatalogueStatistics {
        try principal.require(.readModels)
        guard principal.scope?.models == nil else { throw PlatformError(.forbidden, "The API key is for single models and cannot see numbers of all of them.") }
        return try await catalogue.statistics(for: models.viewer(principal), at: clock.now)
    }

    /// The whole catalogue in numbers, for those who watch the server.
    /// - Parameter models: Of how many models downloads are told.
    package func numbers(models count: Int) async throws -> CatalogueNumbers {
        CatalogueNumbers(
            statistics: try await catalogue.statistics(for: nil, at: clock.now), registrations: try await catalogue.registrations(),
            downloads: try await catalogue.mostDownloaded(limit: count))
    }

    /// Counts a download that came to its end.
    package func countDownload(of version: ModelVersion, by principal: Principal) async {
        do {
            try await catalogue.countDownload(of: version.id, version.modelID, by: principal.userID, at: clock.now)
        } catch {
            logger.error("A download was not counted", metadata: ["version": "\(version.id)", "error": "\(error)"])
        }
    }
}
