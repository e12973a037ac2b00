/// Something that people are told of, in their inbox and by webhooks.
package struct PlatformEvent: Sendable {
    /// The raw values are part of the API.
    package enum Kind: String, Sendable, CaseIterable {
        case validationCompleted = "validation.completed"
        case promotionRequested = "promotion.requested"
        case promotionDecided = "promotion.decided"
        case grantGiven = "grant.given"
        case limitNear = "limit.near"
        case modelReported = "model.reported"
        case reportDecided = "report.decided"
        /// Sent on demand, to webhooks only.
        case test = "webhook.test"
    }

    package let kind: Kind
    package let modelID: ModelID?
    /// One sentence for people.
    package let message: String
    /// Facts for programs.
    package let details: [String: JSONValue]
    package let at: Timestamp

    package init(_ kind: Kind, about modelID: ModelID?, _ message: String, _ details: [String: JSONValue] = [:], at: Timestamp) {
        self.kind = kind
        self.modelID = modelID
        self.message = message
        self.details = details
        self.at = at
    }
}

/// An event in somebody's inbox.
package struct Notification: Sendable, Identified {
    package static let idPrefix = "note_"

    package let id: NotificationID
    package let userID: UserID
    package let event: PlatformEvent
    /// nil: not read yet.
    package let readAt: Timestamp?

    package init(id: NotificationID, userID: UserID, event: PlatformEvent, readAt: Timestamp? = nil) {
        self.id = id
        self.userID = userID
        self.event = event
        self.readAt = readAt
    }
}
