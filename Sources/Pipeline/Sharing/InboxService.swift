package import Domain

/// Somebody's notifications.
package struct InboxService: Sendable {
    private let events: any EventRepository
    private let service: EventService
    private let clock: any WallClock

    package init(events: any EventRepository, service: EventService, clock: any WallClock) {
        self.events = events
        self.service = service
        self.clock = clock
    }

    package func list(unreadOnly: Bool, before: NotificationID?, limit: Int, for principal: Principal) async throws -> (list: [Notification], unread: Int) {
        try Self.requireAll(principal)
        return (
            try await events.notifications(of: principal.userID, unreadOnly: unreadOnly, before: before, limit: limit),
            try await events.unreadCount(of: principal.userID)
        )
    }

    package func unread(for principal: Principal) async throws -> Int {
        try Self.requireAll(principal)
        return try await events.unreadCount(of: principal.userID)
    }

    /// - Parameter id: nil: all of them.
    /// - Returns: How many became read.
    /// - Throws: `notFound`.
    package func markRead(_ id: NotificationID?, by principal: Principal) async throws -> Int {
        try Self.requireAll(principal)
        if let id, try await !events.exists(id, of: principal.userID) { throw PlatformError.notFound("notification", id.rawValue) }
        return try await events.markRead(id, of: principal.userID, at: clock.now)
    }

    /// - Throws: `notFound`.
    package func remove(_ id: NotificationID, by principal: Principal) async throws {
        try Self.requireAll(principal)
        guard try await events.remove(id, of: principal.userID) else { throw PlatformError.notFound("notification", id.rawValue) }
    }

    /// What was missed since `last`, and then what comes.
    package func listen(after last: NotificationID?, for principal: Principal) async throws -> (missed: [Notification], stream: AsyncStream<EventService.Signal>) {
        try Self.requireAll(principal)
        let stream = try service.listen(principal.userID)
        guard let last else { return ([], stream) }
        return (try await events.notifications(of: principal.userID, after: last, limit: 200), stream)
    }

    /// Notifications tell of all of somebody's models.
    private static func requireAll(_ principal: Principal) throws {
        try principal.require(.readModels)
        guard principal.scope?.models == nil else { throw PlatformError(.forbidden, "The API key is for single models and cannot see notifications of all.") }
    }
}
