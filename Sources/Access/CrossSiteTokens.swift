internal import Crypto
package import Domain
internal import Foundation

/// Tokens that a page of ours sends with each change it makes by a cookie: another site can send the cookie along, but cannot know the token.
///
/// A token is an HMAC of the session, so that nothing is stored and no other session's token fits: the signed double submit of
/// https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html
package struct CrossSiteTokens: Sendable {
    private let key: SymmetricKey

    init(_ key: AccessTokens.Key) {
        self.key = SymmetricKey(data: key.secret)
    }

    package func token(for session: SessionID) -> String {
        HMAC<SHA256>.authenticationCode(for: Data("cross-site \(session.rawValue)".utf8), using: key).hexadecimal
    }

    package func isRight(_ token: String, for session: SessionID) -> Bool { SecretHash.areEqual(token, self.token(for: session)) }
}
