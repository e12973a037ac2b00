package import Domain
internal import Foundation
internal import JWTKit

/// Issues and reads access tokens: JWTs with a pinned algorithm (HS256), good for 15 minutes (RFC 7519, RFC 8725).
///
/// A token says who, and never what they may do: that is looked up at each request. It is signed with the newest key and names it (`kid`);
/// the older keys are still good, so that a change of keys ends no session.
package struct AccessTokens: Sendable {
    package static let lifetimeSeconds: Int64 = 15 * 60
    private static let issuer = "martlet"
    private let keys: JWTKeyCollection
    private let newest: String
    private let clock: any WallClock

    /// What a good token says.
    package struct Claims: Sendable {
        package let userID: UserID
        package let session: SessionID
        package let expiresAt: Timestamp
    }

    /// A key: its name in the header of tokens, and at least 32 random bytes.
    package struct Key: Sendable {
        package let id: String
        package let secret: [UInt8]

        package init(id: String, secret: [UInt8]) {
            self.id = id
            self.secret = secret
        }
    }

    /// - Parameter keys: Newest first; at least one.
    package init(keys: [Key], clock: any WallClock) async {
        precondition(!keys.isEmpty)
        self.keys = JWTKeyCollection()
        self.clock = clock
        newest = keys[0].id
        for key in keys {
            await self.keys.add(hmac: HMACKey(from: Data(key.secret)), digestAlgorithm: .sha256, kid: JWKIdentifier(string: key.id))
        }
    }

    package func issue(for user: UserID, session: SessionID) async throws -> String {
        let now = Date(timeIntervalSince1970: Double(clock.now.milliseconds) / 1000)
        let payload = Payload(
            iss: IssuerClaim(value: Self.issuer), sub: SubjectClaim(value: user.rawValue), sid: session.rawValue, iat: IssuedAtClaim(value: now),
            exp: ExpirationClaim(value: now.addingTimeInterval(TimeInterval(Self.lifetimeSeconds)))
        )
        return try await keys.sign(payload, kid: JWKIdentifier(string: newest))
    }

    /// - Returns: nil for a token that is not good: of another key, another algorithm, expired, or from the future.
    package func read(_ token: String) async -> Claims? {
        // The library takes the algorithm from the key, whatever the token says; a token that says another one is not ours (RFC 8725 section 3.1).
        guard let header = try? DefaultJWTParser().parse(Array(token.utf8), as: Payload.self).header, header.alg == "HS256", header.crit == nil else { return nil }
        guard let payload = try? await keys.verify(token, as: Payload.self), payload.iss.value == Self.issuer, payload.aud == nil,
            let user = UserID(payload.sub.value), let session = SessionID(payload.sid)
        else { return nil }
        let expiry = Timestamp(milliseconds: Int64(payload.exp.value.timeIntervalSince1970 * 1000))
        let issued = Timestamp(milliseconds: Int64(payload.iat.value.timeIntervalSince1970 * 1000))
        let begins = payload.nbf.map { Timestamp(milliseconds: Int64($0.value.timeIntervalSince1970 * 1000)) } ?? issued
        guard expiry > clock.now, issued <= clock.now.adding(seconds: 60), begins <= clock.now.adding(seconds: 60) else { return nil }
        return Claims(userID: user, session: session, expiresAt: expiry)
    }

    private struct Payload: JWTPayload {
        let iss: IssuerClaim
        let sub: SubjectClaim
        let sid: String
        let iat: IssuedAtClaim
        let exp: ExpirationClaim
        /// Ours have neither: a token with an audience is for somebody else.
        var nbf: NotBeforeClaim?
        var aud: AudienceClaim?

        func verify(using algorithm: some JWTAlgorithm) async throws {
            guard algorithm.name == "HS256" else { throw JWTError.claimVerificationFailure(failedClaim: nil, reason: "algorithm") }
        }
    }
}
