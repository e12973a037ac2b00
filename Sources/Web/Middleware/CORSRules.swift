internal import HTTPTypes
internal import Hummingbird

/// Lets scripts of named web sites call the API: https://fetch.spec.whatwg.org/#http-cors-protocol
///
/// Only origins of the list are named in answers, never the caller's own words, and no cookies are asked for.
struct CORSRules: RouterMiddleware {
    private static let allowed: [(name: HTTPField.Name, value: String)] = [
        (.accessControlAllowMethods, "GET, HEAD, POST, PUT, PATCH, DELETE"),
        (.accessControlAllowHeaders, "Authorization, Content-Type, X-API-Key, X-Request-ID, Idempotency-Key"), (.accessControlMaxAge, "600"),
    ]
    private static let shown = "X-Request-ID, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After"

    /// `https://app.example.com`, or `*` for all.
    let origins: Set<String>

    func handle(_ request: Request, context: AppContext, next: @concurrent (Request, AppContext) async throws -> Response) async throws -> Response {
        guard let origin = request.headers[.origin], origins.contains("*") || origins.contains(origin) else { return try await next(request, context) }
        let isPreflight = request.method == .options && request.headers[.accessControlRequestMethod] != nil
        var response = isPreflight ? Response(status: .noContent) : try await next(request, context)
        response.headers[.accessControlAllowOrigin] = origins.contains("*") ? "*" : origin
        response.headers[.vary] = "Origin"
        if isPreflight {
            for (name, value) in Self.allowed { response.headers[name] = value }
        } else {
            response.headers[.accessControlExposeHeaders] = Self.shown
        }
        return response
    }
}
