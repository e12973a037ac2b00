internal import Access
internal import Domain
internal import HTTPTypes
internal import Hummingbird
internal import Pipeline
internal import Wire

/// `/api/v1/marketplace`, and ratings and forks below a model.
struct MarketplaceRoutes {
    let marketplace: MarketplaceService
    let limiter: RateLimiter

    func add(to group: RouterGroup<AppContext>) {
        group.get(use: list)
    }

    func addModels(to group: RouterGroup<AppContext>) {
        group.post("{model_id}/ratings", use: rate)
        group.get("{model_id}/ratings", use: ratings)
        group.delete("{model_id}/ratings", use: removeOwn)
        group.delete("{model_id}/ratings/{user_id}", use: remove)
        group.post("{model_id}/fork", use: fork)
    }

    private struct Body: Decodable {
        let rating: Int
        let review: String?
    }

    private struct Fork: Decodable {
        let name: String?
    }

    @Sendable private func list(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        var (query, page) = try request.registryQuery()
        query.words = request.query("q").map { String($0.prefix(500)) }
        query.license = request.query("license").map { String($0.prefix(100)) }
        let (found, list, facets) = try await marketplace.list(query, for: principal)
        func counts(_ values: [(value: String, count: Int)]) -> JSONValue {
            .array(values.map { .object(["value": .string($0.value), "count": .int($0.count)]) })
        }
        return try Answer.json(
            .object([
                "models": .array(found.map { RegistryBodies.offer($0.model, owner: $0.owner, $0.facts) }),
                "facets_are_exact": .bool(facets.areExact),
                "facets": .object([
                    "category": counts(facets.categories), "framework": counts(facets.frameworks), "algorithm": counts(facets.algorithms), "tags": counts(facets.tags),
                    "license": counts(facets.licenses),
                ]),
                "pagination": CataloguePage.pagination(query, page: page, of: list), "is_total_exact": .bool(list.isTotalExact),
            ]))
    }

    @Sendable private func rate(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let id: ModelID = try context.id("model_id", "model")
        let body = try await request.json(Body.self)
        let rating = try await marketplace.rate(id, stars: body.rating, review: body.review, by: principal)
        return try Answer.success(["data": RegistryBodies.rating(rating)])
    }

    @Sendable private func ratings(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let id: ModelID = try context.id("model_id", "model")
        let page = try request.number("page", in: 1...1_000_000, default: 1)
        let limit = try request.number("limit", in: 1...200, default: 20)
        let (list, model, distribution) = try await marketplace.ratings(of: id, limit: limit, offset: (page - 1) * limit, for: principal)
        return try Answer.success([
            "data": .array(list.map(RegistryBodies.rating)), "total": .int(model.registered.rating.count),
            "average": model.registered.rating.average.map { .double($0) } ?? .null,
            "distribution": .object(Dictionary(uniqueKeysWithValues: (1...5).map { ("\($0)", .int(distribution[$0] ?? 0)) })),
        ])
    }

    @Sendable private func removeOwn(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        try await marketplace.removeRating(of: principal.userID, on: try context.id("model_id", "model"), by: principal)
        return try Answer.success(["message": "Rating removed."])
    }

    @Sendable private func remove(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        try await marketplace.removeRating(of: try context.id("user_id", "user"), on: try context.id("model_id", "model"), by: principal)
        return try Answer.success(["message": "Rating removed."])
    }

    @Sendable private func fork(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let id: ModelID = try context.id("model_id", "model")
        let body = try await request.json(Fork.self)
        try await limiter.take(principal.uploadBucket.map { [$0] } ?? [])
        return try RegistryUploadRoutes.answer(try await marketplace.fork(id, as: body.name, by: principal))
    }
}
