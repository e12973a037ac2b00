internal import Access
internal import Domain
internal import HTTPTypes
internal import Hummingbird

/// Refuses what another site makes a browser do: https://owasp.org/www-community/attacks/csrf
struct SameSiteRules {
    private static let token = HTTPField.Name("X-CSRF-Token")
    private static let fetchSite = HTTPField.Name("Sec-Fetch-Site")
    private static let harmless: Set<HTTPRequest.Method> = [.get, .head, .options]
    let tokens: CrossSiteTokens

    /// For a request whose caller is known by a cookie.
    /// - Throws: `forbidden` for a change that comes from another site, or without the session's token.
    func require(_ request: Request, by principal: Principal) throws {
        guard !Self.harmless.contains(request.method) else { return }
        try requireOrigin(request)
        guard case .session(let session) = principal.credential, let name = Self.token, let token = request.headers[name], tokens.isRight(token, for: session) else {
            throw PlatformError(.forbidden, "A change by a cookie needs the header X-CSRF-Token. hint: GET /api/v1/auth/session tells it.")
        }
    }

    /// For a request that sets cookies or is about them.
    /// - Throws: `forbidden` when a browser says that it comes from another site.
    func requireOrigin(_ request: Request) throws {
        let isOwn: Bool
        if let site = Self.fetchSite.flatMap({ request.headers[$0] }) {
            // No page can write this header itself; behind a proxy it is right where the name of the host is another.
            isOwn = site == "same-origin" || site == "none"
        } else if let origin = request.headers[.origin] {
            isOwn = origin.split(separator: "://", maxSplits: 1).last.map(String.init) == request.head.authority
        } else {
            isOwn = true
        }
        guard isOwn else { throw PlatformError(.forbidden, "The request comes from another site.") }
    }
}
