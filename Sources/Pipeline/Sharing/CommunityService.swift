internal import Access
internal import Cards
package import Domain
internal import NIOPosix

/// What people tell of models: cards by their owners, complaints by everybody, and what moderators make of these.
package struct CommunityService: Sendable {
    /// Cards are read on a thread of their own: one that is made to take long holds other cards up, and nothing else.
    private static let threads: NIOThreadPool = {
        let threads = NIOThreadPool(numberOfThreads: 1)
        threads.start()
        return threads
    }()

    private let models: ModelService
    private let community: any CommunityRepository
    private let users: any UserRepository
    private let activation: ActivationService
    private let events: EventService
    private let audit: any AuditRepository
    private let clock: any WallClock

    package init(
        models: ModelService, community: any CommunityRepository, users: any UserRepository, activation: ActivationService, events: EventService,
        audit: any AuditRepository, clock: any WallClock
    ) {
        self.models = models
        self.community = community
        self.users = users
        self.activation = activation
        self.events = events
        self.audit = audit
        self.clock = clock
    }

    // MARK: - Cards

    /// - Throws: `schemaViolation` naming the field; `payloadTooLarge`.
    package func setCard(_ markdown: String, of id: ModelID, by principal: Principal) async throws -> ModelCard {
        _ = try await models.model(id, for: principal, to: .update)
        let read = try await Self.threads.runIfActive { try CardReader(markdown) }
        let card = ModelCard(
            modelID: id, markdown: markdown, html: read.html, frontMatter: read.frontMatter, updatedAt: clock.now, updatedBy: principal.userID)
        try await community.save(card)
        try await audit.note("card.set", on: id, by: principal.userID, ["license": card.license.map { .string($0) } ?? .null], at: clock.now)
        return card
    }

    /// - Throws: `notFound` for a model without a card.
    package func card(of id: ModelID, for principal: Principal) async throws -> (card: ModelCard, model: Model) {
        let model = try await models.model(id, for: principal).model
        guard let card = try await community.card(of: id) else { throw PlatformError.notFound("card", id.rawValue) }
        return (card, model)
    }

    /// - Throws: `notFound`.
    package func removeCard(of id: ModelID, by principal: Principal) async throws {
        _ = try await models.model(id, for: principal, to: .update)
        guard try await community.removeCard(of: id) else { throw PlatformError.notFound("card", id.rawValue) }
        try await audit.note("card.removed", on: id, by: principal.userID, at: clock.now)
    }

    // MARK: - Complaints

    /// - Throws: `conflict` for a model that is not public, one's own, or one of which an earlier report is open.
    package func report(_ id: ModelID, _ reason: ModelReport.Reason, _ text: String, by principal: Principal) async throws -> ModelReport {
        let model = try await models.model(id, for: principal).model
        guard model.isPublic, model.ownerID != principal.userID else { throw PlatformError(.conflict, "Only public models of others are reported.") }
        let now = clock.now
        let report = ModelReport(id: ReportID(at: now), modelID: id, reporterID: principal.userID, reason: reason, text: text, createdAt: now)
        try await community.add(report)
        try await audit.note("model.reported", on: id, by: principal.userID, ["reason": .string(reason.rawValue), "report": .string(report.id.rawValue)], at: now)
        var query = UserQuery()
        query.role = .admin
        query.isActive = true
        query.limit = 200
        await events.reported(report, model, to: Set(try await users.users(query).users.map(\.id)))
        return report
    }

    package func reports(_ state: ModelReport.State?, before: ReportID?, limit: Int, for principal: Principal) async throws -> [ModelReport] {
        try Self.requireModerator(principal)
        return try await community.reports(state, before: before, limit: limit)
    }

    /// - Throws: `notFound`; for others than moderators also where there is one.
    package func report(_ id: ReportID, for principal: Principal) async throws -> ModelReport {
        guard let report = try await community.report(id), report.reporterID == principal.userID || principal.may(.administerModels),
            principal.scope?.models?.contains(report.modelID) ?? true
        else {
            throw PlatformError.notFound("report", id.rawValue)
        }
        return report
    }

    /// Upholds a report, which takes the model out of public view until a moderator lets it back, or dismisses it.
    /// - Throws: `conflict` when it was decided already.
    package func decide(_ id: ReportID, uphold: Bool, note: String?, by principal: Principal) async throws -> ModelReport {
        try principal.requireLogin()
        try Self.requireModerator(principal)
        var report = try await report(id, for: principal)
        guard report.state == .open else { throw PlatformError(.conflict, "The report is \(report.state.rawValue) already.") }
        report.state = uphold ? .upheld : .dismissed
        report.decidedBy = principal.userID
        report.decidedAt = clock.now
        report.note = note
        try await community.decide(report)
        try await activation.refreshRules(of: report.modelID)
        try await audit.note(
            "report.\(report.state.rawValue)", on: report.modelID, by: principal.userID,
            ["report": .string(id.rawValue), "reported_by": .string(report.reporterID.rawValue)],
            at: clock.now)
        if let model = try? await models.model(report.modelID, for: principal).model { await events.reportDecided(report, model, at: clock.now) }
        return report
    }

    /// Reports tell of all models.
    private static func requireModerator(_ principal: Principal) throws {
        try principal.require(.administerModels)
        guard principal.scope?.models == nil else { throw PlatformError(.forbidden, "The API key is for single models and cannot moderate.") }
    }
}
