/// An address that is told of somebody's events.
package struct Webhook: Sendable, Identified {
    package static let idPrefix = "hook_"
    /// Of one account.
    package static let maximumCount = 20

    package let id: WebhookID
    package let ownerID: UserID
    /// `http` or `https`.
    package var url: String
    /// Empty: all of them.
    package var kinds: Set<PlatformEvent.Kind>
    package var description: String
    package var isActive: Bool
    /// Counts the secrets that it had.
    package var secretNumber: Int
    package let createdAt: Timestamp
    package var updatedAt: Timestamp

    package init(
        id: WebhookID, ownerID: UserID, url: String, kinds: Set<PlatformEvent.Kind>, description: String, isActive: Bool = true, secretNumber: Int = 1,
        createdAt: Timestamp, updatedAt: Timestamp
    ) {
        self.id = id
        self.ownerID = ownerID
        self.url = url
        self.kinds = kinds
        self.description = description
        self.isActive = isActive
        self.secretNumber = secretNumber
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

/// One event on its way to a webhook.
package struct WebhookDelivery: Sendable, Identified {
    package static let idPrefix = "msg_"
    /// Attempts before it is given up.
    package static let maximumAttempts = 7

    package enum State: String, Sendable, CaseIterable {
        case pending, delivered, failed
    }

    package let id: DeliveryID
    package let webhookID: WebhookID
    package let kind: PlatformEvent.Kind
    /// JSON, as it is sent and signed.
    package let payload: String
    package var state: State
    package var attempts: Int
    /// When it is tried next.
    package var nextAt: Timestamp
    /// HTTP status of the last answer; nil when there was none.
    package var lastStatus: Int?
    package var lastError: String?
    /// Of the last attempt.
    package var milliseconds: Double?
    package let createdAt: Timestamp
    package var endedAt: Timestamp?

    package init(
        id: DeliveryID, webhookID: WebhookID, kind: PlatformEvent.Kind, payload: String, state: State = .pending, attempts: Int = 0, nextAt: Timestamp,
        lastStatus: Int? = nil, lastError: String? = nil, milliseconds: Double? = nil, createdAt: Timestamp, endedAt: Timestamp? = nil
    ) {
        self.id = id
        self.webhookID = webhookID
        self.kind = kind
        self.payload = payload
        self.state = state
        self.attempts = attempts
        self.nextAt = nextAt
        self.lastStatus = lastStatus
        self.lastError = lastError
        self.milliseconds = milliseconds
        self.createdAt = createdAt
        self.endedAt = endedAt
    }
}
