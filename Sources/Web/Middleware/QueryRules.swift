internal import Domain
internal import Hummingbird

/// Refuses the character NUL in a query: no name of anything holds it, and databases do not agree on what it means.
struct QueryRules: RouterMiddleware {
    func handle(_ request: Request, context: AppContext, next: @concurrent (Request, AppContext) async throws -> Response) async throws -> Response {
        guard request.uri.query?.contains("%00") != true else { throw PlatformError(.invalidInput, "A query may not hold the character NUL.") }
        return try await next(request, context)
    }
}
