internal import Access
internal import Domain
internal import HTTPTypes
internal import Hummingbird

/// Finds out who makes a request. Whether somebody must is decided by the route.
struct AuthenticationMiddleware: RouterMiddleware {
    private static let keyHeader = HTTPField.Name("X-API-Key")
    let authenticator: Authenticator

    func handle(_ request: Request, context: AppContext, next: @concurrent (Request, AppContext) async throws -> Response) async throws -> Response {
        guard let secret = try Self.secret(of: request) else { return try await next(request, context) }
        var context = context
        context.caller = try await authenticator.principal(for: secret)
        return try await next(request, context)
    }

    /// - Throws: `unauthorized` for a header that is there and says nothing.
    private static func secret(of request: Request) throws -> String? {
        if let name = keyHeader, let key = request.headers[name] {
            guard key.hasPrefix(APIKeyService.prefix) else { throw PlatformError(.unauthorized, "X-API-Key holds no API key (mlp_…).") }
            return key
        }
        guard let header = request.headers[.authorization] else { return nil }
        guard header.lowercased().hasPrefix("bearer "), header.utf8.count > 7, header.utf8.count < 8192 else {
            throw PlatformError(.unauthorized, "Expected 'Authorization: Bearer …'.")
        }
        return String(header.dropFirst(7))
    }
}
