internal import Access
internal import Domain
internal import HTTPTypes
internal import Hummingbird
internal import Pipeline
internal import Wire

/// `/api/v1/models/search`, `/statistics`, `/popular`, `/recent`, and `/api/v1/statistics`: finding models, and the catalogue in numbers.
struct CatalogueRoutes {
    let models: ModelService
    let registry: RegistryService

    func add(to group: RouterGroup<AppContext>) {
        group.get("search", use: search)
        group.get("statistics", use: statistics)
        group.get("popular", use: popular)
        group.get("recent", use: recent)
    }

    func addPlatform(to group: RouterGroup<AppContext>) {
        group.get("statistics", use: platform)
    }

    @Sendable private func search(_ request: Request, _ context: AppContext) async throws -> Response {
        var (query, page) = try request.registryQuery()
        query.words = request.query("q").map { String($0.prefix(500)) }
        return try await CataloguePage(query: query, page: page).response(models, for: try context.principal, ["query": request.query("q").map { .string($0) } ?? .null])
    }

    @Sendable private func statistics(_ request: Request, _ context: AppContext) async throws -> Response {
        try Answer.json(StatisticsBodies.registry(try await registry.statistics(for: try context.principal)))
    }

    @Sendable private func platform(_ request: Request, _ context: AppContext) async throws -> Response {
        try Answer.json(StatisticsBodies.platform(try await registry.statistics(for: try context.principal)))
    }

    @Sendable private func popular(_ request: Request, _ context: AppContext) async throws -> Response {
        try await ordered(.downloads, request, context)
    }

    @Sendable private func recent(_ request: Request, _ context: AppContext) async throws -> Response {
        try await ordered(.newest, request, context)
    }

    private func ordered(_ order: ModelQuery.Order, _ request: Request, _ context: AppContext) async throws -> Response {
        var (query, page) = try request.registryQuery()
        query.order = order
        return try await CataloguePage(query: query, page: page).response(models, for: try context.principal)
    }
}
