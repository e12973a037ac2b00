internal import Access
internal import Domain
internal import HTTPTypes
internal import Hummingbird

/// Finds out who makes a request, counts it, and writes down what was refused. Whether somebody must is decided by the route.
struct AuthenticationMiddleware: RouterMiddleware {
    private static let keyHeader = HTTPField.Name("X-API-Key")
    /// What writes its own entry when it is refused.
    private static let recorded: Set<String> = ["/api/v1/auth/login", "/api/v1/auth/refresh", "/api/v1/auth/register"]
    /// What makes a session or goes on with it asks for no session, and looks itself where the request comes from.
    private static let sessions: Set<String> = ["POST /api/v1/auth/session", "POST /api/v1/auth/session/refresh"]
    let authenticator: Authenticator
    let limiter: RateLimiter
    let audit: AuditService
    let sameSite: SameSiteRules

    func handle(_ request: Request, context: AppContext, next: @concurrent (Request, AppContext) async throws -> Response) async throws -> Response {
        var context = context
        do {
            if let secret = try Self.secret(in: request.headers) {
                context.caller = try await authenticator.principal(for: secret, from: context.address)
            } else if let principal = try await principal(ofCookieIn: request, context) {
                context.caller = principal
                try sameSite.require(request, by: principal)
            }
            if let caller = context.caller { context.rate = try await limiter.take(caller.requestBuckets) }
            var response = try await next(request, context)
            if let rate = context.rate, response.headers[RateHeaders.limit] == nil { RateHeaders.write(rate, to: &response.headers) }
            return response
        } catch let failure as PlatformError {
            let isRecorded = Self.recorded.contains(request.uri.path) || (failure.code == .unauthorized && Self.sessions.contains(Self.name(request)))
            if !isRecorded { audit.refused(failure, "\(request.method) \(request.uri.path)", to: context.caller) }
            throw failure
        }
    }

    private static func name(_ request: Request) -> String { "\(request.method) \(request.uri.path)" }

    /// A cookie that is not good any more is nobody's: a browser sends it with every request, also to log in again.
    private func principal(ofCookieIn request: Request, _ context: AppContext) async throws -> Principal? {
        guard !Self.sessions.contains(Self.name(request)), let token = SessionCookies.accessToken(in: request.headers) else { return nil }
        do {
            return try await authenticator.principal(for: token, from: context.address)
        } catch let failure as PlatformError where failure.code == .unauthorized {
            return nil
        }
    }

    /// - Throws: `unauthorized` for a header that is there and says nothing.
    static func secret(in headers: HTTPFields) throws -> String? {
        try secret(key: keyHeader.flatMap { headers[$0] }, authorization: headers[.authorization])
    }

    /// - Parameters:
    ///   - key: `X-API-Key`, which counts before the other.
    ///   - authorization: `Authorization`.
    static func secret(key: String?, authorization: String?) throws -> String? {
        if let key {
            guard key.hasPrefix(APIKeyService.prefix) else { throw PlatformError(.unauthorized, "X-API-Key holds no API key (mlp_…).") }
            return key
        }
        guard let header = authorization else { return nil }
        guard header.utf8.prefix(7).elementsEqual("bearer ".utf8, by: { $0 == $1 || $0 | 0x20 == $1 }), header.utf8.count > 7, header.utf8.count < 8192 else {
            throw PlatformError(.unauthorized, "Expected 'Authorization: Bearer …'.")
        }
        return String(header.dropFirst(7))
    }
}
