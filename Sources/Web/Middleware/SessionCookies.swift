internal import Access
internal import HTTPTypes
internal import Hummingbird

/// The cookies of a browser's session: scripts cannot read them, other sites cannot send them.
///
/// https://datatracker.ietf.org/doc/draft-ietf-httpbis-rfc6265bis/.
struct SessionCookies {
    private static let access = "martlet_access"
    private static let refresh = "martlet_refresh"
    private static let refreshPath = "/api/v1/auth/session"
    private static let refreshSeconds = 30 * 24 * 3600
    /// Whether browsers are to send them over TLS only.
    let isSecure: Bool

    /// The access token in a request; nil without one.
    static func accessToken(in headers: HTTPFields) -> String? { value(of: access, in: headers) }

    static func refreshToken(in headers: HTTPFields) -> String? { value(of: refresh, in: headers) }

    func set(_ pair: TokenPair, in headers: inout HTTPFields) {
        headers.append(cookie(Self.access, pair.accessToken, path: "/api/v1", seconds: Int(pair.expiresInSeconds)))
        headers.append(cookie(Self.refresh, pair.refreshToken, path: Self.refreshPath, seconds: Self.refreshSeconds))
    }

    func clear(in headers: inout HTTPFields) {
        headers.append(cookie(Self.access, "", path: "/api/v1", seconds: 0))
        headers.append(cookie(Self.refresh, "", path: Self.refreshPath, seconds: 0))
    }

    private func cookie(_ name: String, _ value: String, path: String, seconds: Int) -> HTTPField {
        HTTPField(
            name: .setCookie, value: "\(name)=\(value); Path=\(path); Max-Age=\(seconds); HttpOnly; SameSite=Strict\(isSecure ? "; Secure" : "")")
    }

    private static func value(of name: String, in headers: HTTPFields) -> String? {
        for field in headers[values: .cookie] {
            for pair in field.split(separator: ";") {
                let parts = pair.drop { $0 == " " }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard parts.count == 2, parts[0] == name, (1..<8192).contains(parts[1].utf8.count) else { continue }
                return String(parts[1])
            }
        }
        return nil
    }
}
