internal import Access
internal import Domain
internal import HTTPTypes
internal import Hummingbird

/// Finds out who makes a request. Whether somebody must is decided by the route.
struct AuthenticationMiddleware: RouterMiddleware {
    private static let keyHeader = HTTPField.Name("X-API-Key")
    let authenticator: Authenticator

    func handle(_ request: Request, context: AppContext, next: @concurrent (Request, AppContext) async throws -> Response) async throws -> Response {
        guard let secret = try Self.secret(in: request.headers) else { return try await next(request, context) }
        var context = context
        context.caller = try await authenticator.principal(for: secret)
        return try await next(request, context)
    }

    /// - Throws: `unauthorized` for a header that is there and says nothing.
    static func secret(in headers: HTTPFields) throws -> String? {
        if let name = keyHeader, let key = headers[name] {
            guard key.hasPrefix(APIKeyService.prefix) else { throw PlatformError(.unauthorized, "X-API-Key holds no API key (mlp_…).") }
            return key
        }
        guard let header = headers[.authorization] else { return nil }
        guard header.lowercased().hasPrefix("bearer "), header.utf8.count > 7, header.utf8.count < 8192 else {
            throw PlatformError(.unauthorized, "Expected 'Authorization: Bearer …'.")
        }
        return String(header.dropFirst(7))
    }
}
