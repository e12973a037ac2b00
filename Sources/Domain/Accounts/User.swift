/// An account.
package struct User: Sendable, Identified {
    package static let idPrefix = "usr_"

    /// What an account may use when nothing else is said of it.
    package enum Subscription: String, Sendable, CaseIterable {
        case free, premium
    }

    package let id: UserID
    /// Lower case; unique.
    package var email: String
    package var username: String
    package var role: RoleName
    package var subscription: Subscription
    package var limits: AccountLimits
    package var isActive: Bool
    package let createdAt: Timestamp
    /// When the account was closed for good; its row stays for the record.
    package var closedAt: Timestamp?

    package init(
        id: UserID, email: String, username: String, role: RoleName, subscription: Subscription = .free, limits: AccountLimits = AccountLimits(),
        isActive: Bool = true, createdAt: Timestamp, closedAt: Timestamp? = nil
    ) {
        self.id = id
        self.email = email
        self.username = username
        self.role = role
        self.subscription = subscription
        self.limits = limits
        self.isActive = isActive
        self.createdAt = createdAt
        self.closedAt = closedAt
    }
}

/// How much an account may use; nil where the subscription decides.
package struct AccountLimits: Sendable, Hashable {
    /// Requests to models of all kinds together.
    package var requestsPerMinute: Int?
    /// Models that were not deleted.
    package var models: Int?
    /// Bytes of all model files.
    package var storage: Int64?
    package var uploadsPerHour: Int?

    package init(requestsPerMinute: Int? = nil, models: Int? = nil, storage: Int64? = nil, uploadsPerHour: Int? = nil) {
        self.requestsPerMinute = requestsPerMinute
        self.models = models
        self.storage = storage
        self.uploadsPerHour = uploadsPerHour
    }

    /// These limits, and those of `standard` where there are none.
    package func filled(from standard: AccountLimits) -> AccountLimits {
        AccountLimits(
            requestsPerMinute: requestsPerMinute ?? standard.requestsPerMinute, models: models ?? standard.models, storage: storage ?? standard.storage,
            uploadsPerHour: uploadsPerHour ?? standard.uploadsPerHour)
    }
}
