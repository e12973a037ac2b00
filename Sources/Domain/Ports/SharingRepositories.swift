/// Inboxes, and events on their way to webhooks.
package protocol EventRepository: Sendable {
    /// Puts an event into the inboxes, and on its way to the webhooks of the same people that want its kind, in one transaction.
    /// - Parameter payload: JSON that webhooks get.
    func post(_ event: PlatformEvent, to users: Set<UserID>, payload: String) async throws -> [Notification]
    /// Newest first.
    /// - Parameter before: The last one seen.
    func notifications(of user: UserID, unreadOnly: Bool, before: NotificationID?, limit: Int) async throws -> [Notification]
    /// Those after one that was seen, oldest first.
    func notifications(of user: UserID, after: NotificationID, limit: Int) async throws -> [Notification]
    func unreadCount(of user: UserID) async throws -> Int
    /// - Parameter id: nil: all of them.
    /// - Returns: How many became read.
    func markRead(_ id: NotificationID?, of user: UserID, at now: Timestamp) async throws -> Int
    /// - Returns: false when there was none.
    func exists(_ id: NotificationID, of user: UserID) async throws -> Bool
    func remove(_ id: NotificationID, of user: UserID) async throws -> Bool
    /// Forgets notifications, and deliveries that have ended, of before `moment`.
    func remove(before moment: Timestamp) async throws
}

/// Webhooks and their deliveries.
package protocol WebhookRepository: Sendable {
    /// - Throws: `quotaExceeded` beyond ``Webhook/maximumCount``.
    func add(_ webhook: Webhook) async throws
    /// - Parameter moment: When the webhook that was read had been updated last.
    /// - Returns: false when it is another by now; nothing is written then.
    func update(_ webhook: Webhook, readAt moment: Timestamp) async throws -> Bool
    /// Switches a webhook off that is still the one that was called.
    func switchOff(_ webhook: Webhook, at now: Timestamp) async throws
    func pendingCount(of webhook: WebhookID) async throws -> Int
    func webhook(_ id: WebhookID) async throws -> Webhook?
    func webhooks(of user: UserID) async throws -> [Webhook]
    func remove(_ id: WebhookID) async throws
    func add(_ delivery: WebhookDelivery) async throws
    func update(_ delivery: WebhookDelivery) async throws
    func delivery(_ id: DeliveryID) async throws -> WebhookDelivery?
    /// Newest first.
    func deliveries(of webhook: WebhookID, before: DeliveryID?, limit: Int) async throws -> [WebhookDelivery]
    /// What is to be tried by `now`, the longest due first and a few of each account, each with its webhook.
    func due(at now: Timestamp, limit: Int) async throws -> [(delivery: WebhookDelivery, webhook: Webhook)]
}

/// Cards and complaints.
package protocol CommunityRepository: Sendable {
    func save(_ card: ModelCard) async throws
    func card(of model: ModelID) async throws -> ModelCard?
    /// - Returns: false when there was none.
    func removeCard(of model: ModelID) async throws -> Bool
    /// Licenses and calls, for lists.
    func shown(of models: [ModelID]) async throws -> [ModelID: MarketplaceFacts]
    /// - Throws: `conflict` when the reporter has an open one on the model.
    func add(_ report: ModelReport) async throws
    func report(_ id: ReportID) async throws -> ModelReport?
    /// Newest first.
    func reports(_ state: ModelReport.State?, before: ReportID?, limit: Int) async throws -> [ModelReport]
    /// Writes a decision; an upheld one takes the model out of public view with it.
    /// - Throws: `conflict` when it was decided meanwhile.
    func decide(_ report: ModelReport) async throws
}

/// What lists in the marketplace show of a model beside its row.
package struct MarketplaceFacts: Sendable {
    package var license: String?
    package var hasCard = false
    package var calls: Int64 = 0

    package init() {}
}
