/// A request that its client may send again without a second effect.
///
/// Header and behaviour: https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
package struct IdempotentRequest: Sendable {
    package let userID: UserID
    /// The value of `Idempotency-Key`; each caller has names of their own.
    package let key: String
    /// SHA-256 of method, target and content in hexadecimal digits; nil while the content is still coming.
    package var fingerprint: String?
    package var state: State
    package let createdAt: Timestamp

    package enum State: Sendable {
        /// The first request is at work.
        case running
        /// The server stopped while it was at work: whether it had its effect is not known.
        case interrupted
        /// - Parameter answer: nil for one that holds a secret or is too long to be kept.
        case done(answer: Answer?)
    }

    package struct Answer: Sendable {
        package let status: Int
        package let json: String

        package init(status: Int, json: String) {
            self.status = status
            self.json = json
        }
    }

    package init(userID: UserID, key: String, fingerprint: String? = nil, state: State = .running, createdAt: Timestamp) {
        self.userID = userID
        self.key = key
        self.fingerprint = fingerprint
        self.state = state
        self.createdAt = createdAt
    }
}
