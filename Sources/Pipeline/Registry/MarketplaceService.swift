internal import Access
package import Domain

/// Public models for everybody: found, rated, and taken into one's own account.
package struct MarketplaceService: Sendable {
    private let models: ModelService
    private let registry: RegistryService
    private let ratings: any RatingRepository
    private let community: any CommunityRepository
    private let publisher: PublishService
    private let audit: any AuditRepository
    private let clock: any WallClock

    package init(
        models: ModelService, registry: RegistryService, ratings: any RatingRepository, community: any CommunityRepository, publisher: PublishService,
        audit: any AuditRepository, clock: any WallClock
    ) {
        self.models = models
        self.registry = registry
        self.ratings = ratings
        self.community = community
        self.publisher = publisher
        self.audit = audit
        self.clock = clock
    }

    /// Public models that serve, and how many there are of each category, framework, algorithm and tag.
    package func list(_ query: ModelQuery, for principal: Principal) async throws -> (models: [Offer], page: ModelPage, facets: Facets) {
        var query = query
        query.isPublic = true
        query.status = .active
        let page = try await models.list(query, for: principal)
        let found = page.models
        query.visibleTo = nil
        query.among = principal.scope?.models
        let facts = try await community.shown(of: found.map(\.model.id))
        return (found.map { Offer(model: $0.model, owner: $0.owner, facts: facts[$0.model.id] ?? MarketplaceFacts()) }, page, try await ratings.facets(query))
    }

    /// A model in the marketplace.
    package struct Offer: Sendable {
        package let model: Model
        package let owner: User
        package let facts: MarketplaceFacts
    }

    /// Rates a public model, or changes one's rating of it.
    /// - Throws: `schemaViolation`; `forbidden` for one's own model; `conflict` for one that is not public.
    package func rate(_ id: ModelID, stars: Int, review: String?, by principal: Principal) async throws -> Rating {
        let model = try await models.model(id, for: principal).model
        guard (1...5).contains(stars) else { throw PlatformError.field("/rating", "expected 1 to 5") }
        if let review, review.count > 5000 { throw PlatformError.field("/review", "expected at most 5000 characters") }
        guard model.ownerID != principal.userID else { throw PlatformError(.forbidden, "Nobody rates a model of their own.") }
        guard model.isPublic else { throw PlatformError(.conflict, "Only public models are rated.") }
        let now = clock.now
        let rating = Rating(modelID: id, userID: principal.userID, username: principal.username, stars: stars, review: review, createdAt: now, updatedAt: now)
        try await ratings.save(rating)
        try await audit.note("model.rated", on: id, by: principal.userID, ["stars": .int(stars)], at: clock.now)
        return rating
    }

    package func ratings(of id: ModelID, limit: Int, offset: Int, for principal: Principal) async throws -> (list: [Rating], model: Model, distribution: [Int: Int]) {
        let model = try await models.model(id, for: principal).model
        return (try await ratings.ratings(of: id, limit: limit, offset: offset), model, try await ratings.distribution(of: id))
    }

    /// Takes a rating away: one's own, or anybody's by who administers models.
    /// - Throws: `notFound`, `forbidden`.
    package func removeRating(of user: UserID, on id: ModelID, by principal: Principal) async throws {
        _ = try await models.model(id, for: principal)
        if user != principal.userID { try principal.require(.administerModels) }
        guard try await ratings.remove(of: user, on: id) else { throw PlatformError.notFound("rating", user.rawValue) }
        try await audit.note(
            user == principal.userID ? "rating.removed" : "rating.moderated", on: id, by: principal.userID, ["rated_by": .string(user.rawValue)], at: clock.now)
    }

    /// Takes the version that serves into the caller's own account, as a new model that names it as its parent.
    /// - Parameter name: nil: that of the original.
    /// - Throws: `conflict` for a model that is not public, or has no version that serves.
    package func fork(_ id: ModelID, as name: String?, by principal: Principal) async throws -> Publication {
        let model = try await models.model(id, for: principal).model
        guard model.isPublic || model.ownerID == principal.userID else { throw PlatformError(.conflict, "Only public models can be forked.") }
        guard !model.isModerated || principal.may(.administerModels) else { throw PlatformError(.forbidden, "A moderator took the model out of public view.") }
        if let name, !name.isLine(upTo: 255) { throw PlatformError.field("/name", "expected 1 to 255 characters in one line") }
        guard let current = model.currentVersionID, let version = try await models.stored(current) else { try await models.explainInactive(id, for: principal) }
        try await publisher.requirePlace(for: principal, isNew: true)
        let publication = try await publisher.copy(version, of: model, said: try await registry.shown(model).description, as: name ?? model.name, by: principal)
        try await audit.note("model.forked", on: id, by: principal.userID, ["fork": .string(publication.model.id.rawValue)], at: clock.now)
        return publication
    }
}
