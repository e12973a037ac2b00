internal import Access
internal import Domain
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import Pipeline
internal import ServiceLifecycle
internal import Wire

/// `/api/v1/notifications`: the caller's inbox, and what comes into it as it comes.
struct NotificationRoutes {
    private static let lastEvent = HTTPField.Name("Last-Event-ID")
    /// After which a client has to come back, with what it saw last.
    private static let longest = Duration.seconds(15 * 60)
    let inbox: InboxService
    let authenticator: Authenticator

    func add(to group: RouterGroup<AppContext>) {
        group.get(use: list)
        group.get("unread", use: unread)
        group.get("events", use: events)
        group.post("read", use: markAll)
        group.post("{notification_id}/read", use: mark)
        group.delete("{notification_id}", use: remove)
    }

    @Sendable private func list(_ request: Request, _ context: AppContext) async throws -> Response {
        let limit = try request.number("limit", in: 1...200, default: 50)
        let before = try request.identifier("cursor", as: NotificationID.self)
        let (list, unread) = try await inbox.list(
            unreadOnly: try request.flag("unread") ?? false, before: before, limit: limit, for: try context.principal)
        return try Answer.success([
            "data": .array(list.map(SharingBodies.notification)), "unread": .int(unread),
            "next_cursor": list.count == limit ? list.last.map { .string($0.id.rawValue) } ?? .null : .null,
        ])
    }

    @Sendable private func unread(_ request: Request, _ context: AppContext) async throws -> Response {
        try Answer.success(["unread": .int(try await inbox.unread(for: try context.principal))])
    }

    @Sendable private func markAll(_ request: Request, _ context: AppContext) async throws -> Response {
        try Answer.success(["read": .int(try await inbox.markRead(nil, by: try context.principal))])
    }

    @Sendable private func mark(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        return try Answer.success(["read": .int(try await inbox.markRead(try context.id("notification_id", "notification"), by: principal))])
    }

    @Sendable private func remove(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        try await inbox.remove(try context.id("notification_id", "notification"), by: principal)
        return try Answer.success(["message": "Notification removed."])
    }

    /// Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html): one `notification` each, with its id, so that a
    /// client that comes back with `Last-Event-ID` gets what it missed.
    @Sendable private func events(_ request: Request, _ context: AppContext) async throws -> Response {
        let last = Self.lastEvent.flatMap { request.headers[$0] }.flatMap { NotificationID($0) }
        let (missed, stream) = try await inbox.listen(after: last, for: try context.principal)
        let secret = try AuthenticationMiddleware.secret(in: request.headers)
        let (address, end) = (context.address, ContinuousClock.now + Self.longest)
        let body = ResponseBody { [authenticator] writer in
            // Whoever listens knows at once that the line stands.
            try await writer.write(ByteBuffer(string: ": listening\n\n"))
            for notification in missed { try await writer.write(try Self.event(notification)) }
            for await signal in stream.cancelOnGracefulShutdown() {
                switch signal {
                case .quiet:
                    // Whoever lost the key, the session or the account hears no more.
                    guard let secret, (try? await authenticator.principal(for: secret, from: address)) != nil, .now < end else { return try await writer.finish(nil) }
                    try await writer.write(ByteBuffer(string: ": quiet\n\n"))
                case .notification(let notification): try await writer.write(try Self.event(notification))
                }
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"], body: body)
    }

    private static func event(_ notification: Notification) throws -> ByteBuffer {
        let data = String(decoding: ControlJSON.encode(SharingBodies.notification(notification)), as: UTF8.self)
        return ByteBuffer(string: "id: \(notification.id)\nevent: notification\ndata: \(data)\n\n")
    }
}

extension Request {
    /// A query parameter that is an id.
    func identifier<Subject: Identified>(_ name: Substring, as type: Identifier<Subject>.Type) throws -> Identifier<Subject>? {
        try query(name).map { text in
            guard let id = Identifier<Subject>(text) else { throw PlatformError.field("/\(name)", "expected an id of an earlier answer") }
            return id
        }
    }
}
