/// One change, or one refused attempt: who did what to which thing.
package struct AuditEntry: Sendable {
    package let action: String
    package let resourceType: String
    package let resourceID: String
    package let userID: UserID?
    package let address: String?
    package let requestID: String?
    package let details: JSONValue?
    package let at: Timestamp

    package init(
        action: String, resourceType: String, resourceID: String, userID: UserID?, details: JSONValue? = nil,
        origin: RequestOrigin? = .current, at: Timestamp
    ) {
        self.action = action
        self.resourceType = resourceType
        self.resourceID = resourceID
        self.userID = userID
        address = origin?.address
        requestID = origin?.requestID
        self.details = details
        self.at = at
    }
}
