internal import Access
internal import Domain
internal import HTTPTypes
internal import Hummingbird

/// Finds out who makes a request, counts it, and writes down what was refused. Whether somebody must is decided by the route.
struct AuthenticationMiddleware: RouterMiddleware {
    private static let keyHeader = HTTPField.Name("X-API-Key")
    /// What writes its own entry when it is refused.
    private static let recorded: Set<String> = [
        "/api/v1/auth/login", "/api/v1/auth/refresh", "/api/v1/auth/register", "/api/v1/auth/session", "/api/v1/auth/session/refresh",
    ]
    /// What makes a session or goes on with it asks for no session, and looks itself where the request comes from.
    private static let sessions: Set<String> = ["POST /api/v1/auth/session", "POST /api/v1/auth/session/refresh"]
    let authenticator: Authenticator
    let limiter: RateLimiter
    let audit: AuditService
    let sameSite: SameSiteRules

    func handle(_ request: Request, context: AppContext, next: @concurrent (Request, AppContext) async throws -> Response) async throws -> Response {
        var context = context
        do {
            if let principal = try await principal(of: request, context) {
                context.caller = principal
                context.rate = try await limiter.take(principal.requestBuckets)
            }
            var response = try await next(request, context)
            if let rate = context.rate, response.headers[RateHeaders.limit] == nil { RateHeaders.write(rate, to: &response.headers) }
            return response
        } catch let failure as PlatformError {
            if !Self.recorded.contains(request.uri.path) { audit.refused(failure, "\(request.method) \(request.uri.path)", to: context.caller) }
            throw failure
        }
    }

    private func principal(of request: Request, _ context: AppContext) async throws -> Principal? {
        if let secret = try Self.secret(in: request.headers) { return try await authenticator.principal(for: secret, from: context.address) }
        // A cookie that is not good any more is nobody's: a browser sends it with every request, also to log in again.
        guard !Self.sessions.contains("\(request.method) \(request.uri.path)"), let token = SessionCookies.accessToken(in: request.headers),
            let principal = try? await authenticator.principal(for: token, from: context.address)
        else { return nil }
        try sameSite.require(request, by: principal)
        return principal
    }

    /// - Throws: `unauthorized` for a header that is there and says nothing.
    static func secret(in headers: HTTPFields) throws -> String? {
        if let name = keyHeader, let key = headers[name] {
            guard key.hasPrefix(APIKeyService.prefix) else { throw PlatformError(.unauthorized, "X-API-Key holds no API key (mlp_…).") }
            return key
        }
        guard let header = headers[.authorization] else { return nil }
        guard header.utf8.prefix(7).elementsEqual("bearer ".utf8, by: { $0 == $1 || $0 | 0x20 == $1 }), header.utf8.count > 7, header.utf8.count < 8192 else {
            throw PlatformError(.unauthorized, "Expected 'Authorization: Bearer …'.")
        }
        return String(header.dropFirst(7))
    }
}
