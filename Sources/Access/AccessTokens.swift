package import Domain
internal import Foundation
internal import JWTKit

/// Issues and reads access tokens: JWTs with a pinned algorithm (HS256), good for 15 minutes (RFC 7519, RFC 8725).
package struct AccessTokens: Sendable {
    package static let lifetimeSeconds: Int64 = 15 * 60
    private static let issuer = "martlet"
    private let keys: JWTKeyCollection
    private let clock: any WallClock

    /// - Parameter secret: At least 32 random bytes.
    package init(secret: [UInt8], clock: any WallClock) async {
        keys = JWTKeyCollection()
        self.clock = clock
        await keys.add(hmac: HMACKey(from: Data(secret)), digestAlgorithm: .sha256, kid: "1")
    }

    package func issue(for user: User, session: SessionID) async throws -> String {
        let now = Date(timeIntervalSince1970: Double(clock.now.milliseconds) / 1000)
        let payload = Payload(
            iss: IssuerClaim(value: Self.issuer), sub: SubjectClaim(value: user.id.rawValue), sid: session.rawValue,
            name: user.username, role: user.role.rawValue, iat: IssuedAtClaim(value: now),
            exp: ExpirationClaim(value: now.addingTimeInterval(TimeInterval(Self.lifetimeSeconds)))
        )
        return try await keys.sign(payload, kid: "1")
    }

    /// - Returns: The caller and when the token expires; nil when it is not good.
    package func read(_ token: String) async -> (principal: Principal, expiresAt: Timestamp)? {
        guard let payload = try? await keys.verify(token, as: Payload.self), payload.iss.value == Self.issuer,
            let user = UserID(payload.sub.value), let session = SessionID(payload.sid), let role = User.Role(rawValue: payload.role)
        else { return nil }
        let expiry = Timestamp(milliseconds: Int64(payload.exp.value.timeIntervalSince1970 * 1000))
        guard expiry > clock.now else { return nil }
        return (Principal(userID: user, username: payload.name, role: role, credential: .session(session)), expiry)
    }

    private struct Payload: JWTPayload {
        let iss: IssuerClaim
        let sub: SubjectClaim
        let sid: String
        let name: String
        let role: String
        let iat: IssuedAtClaim
        let exp: ExpirationClaim

        func verify(using algorithm: some JWTAlgorithm) async throws {
            guard algorithm.name == "HS256" else { throw JWTError.claimVerificationFailure(failedClaim: nil, reason: "algorithm") }
        }
    }
}
