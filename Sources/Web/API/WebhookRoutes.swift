internal import Domain
internal import HTTPTypes
internal import Hummingbird
internal import Pipeline
internal import Wire

/// `/api/v1/webhooks`: addresses that are told of the caller's events, and what became of each telling.
struct WebhookRoutes {
    let webhooks: WebhookService

    func add(to group: RouterGroup<AppContext>) {
        group.post(use: make)
        group.get(use: list)
        group.get("{webhook_id}", use: get)
        group.patch("{webhook_id}", use: change)
        group.delete("{webhook_id}", use: remove)
        group.post("{webhook_id}/rotate-secret", use: rotate)
        group.post("{webhook_id}/test", use: test)
        group.get("{webhook_id}/deliveries", use: deliveries)
        group.post("{webhook_id}/deliveries/{delivery_id}/retry", use: retry)
    }

    private struct New: Decodable {
        let url: String
        let events: [String]?
        let description: String?
    }

    private struct Change: Decodable {
        let url: String?
        let events: [String]?
        let description: String?
        let is_active: Bool?
    }

    @Sendable private func make(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let body = try await request.json(New.self)
        let (webhook, secret) = try await webhooks.make(
            body.url, try Self.kinds(body.events ?? []), try Self.described(body.description) ?? "", by: principal)
        return try Answer.json(SharingBodies.webhook(webhook, secret: secret), status: .created)
    }

    @Sendable private func list(_ request: Request, _ context: AppContext) async throws -> Response {
        let list = try await webhooks.list(for: try context.principal)
        return try Answer.success(["data": .array(list.map { SharingBodies.webhook($0) }), "total": .int(list.count)])
    }

    @Sendable private func get(_ request: Request, _ context: AppContext) async throws -> Response {
        try Answer.json(SharingBodies.webhook(try await webhooks.webhook(try id(context), for: try context.principal)))
    }

    @Sendable private func change(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let body = try await request.json(Change.self)
        let webhook = try await webhooks.change(
            try id(context), url: body.url, kinds: try body.events.map(Self.kinds), description: try Self.described(body.description), isActive: body.is_active,
            by: principal)
        return try Answer.json(SharingBodies.webhook(webhook))
    }

    @Sendable private func remove(_ request: Request, _ context: AppContext) async throws -> Response {
        try await webhooks.remove(try id(context), by: try context.principal)
        return try Answer.success(["message": "Webhook removed."])
    }

    @Sendable private func rotate(_ request: Request, _ context: AppContext) async throws -> Response {
        let (webhook, secret) = try await webhooks.rotate(try id(context), by: try context.principal)
        return try Answer.json(SharingBodies.webhook(webhook, secret: secret))
    }

    @Sendable private func test(_ request: Request, _ context: AppContext) async throws -> Response {
        let delivery = try await webhooks.test(try id(context), by: try context.principal)
        return try Answer.json(SharingBodies.delivery(delivery), status: .accepted)
    }

    @Sendable private func deliveries(_ request: Request, _ context: AppContext) async throws -> Response {
        let limit = try request.number("limit", in: 1...200, default: 50)
        let before = try request.identifier("cursor", as: DeliveryID.self)
        let list = try await webhooks.deliveries(of: try id(context), before: before, limit: limit, for: try context.principal)
        return try Answer.success([
            "data": .array(list.map(SharingBodies.delivery)), "next_cursor": list.count == limit ? list.last.map { .string($0.id.rawValue) } ?? .null : .null,
        ])
    }

    @Sendable private func retry(_ request: Request, _ context: AppContext) async throws -> Response {
        let webhook = try id(context)
        let delivery = try await webhooks.retry(try context.id("delivery_id", "delivery"), of: webhook, by: try context.principal)
        return try Answer.json(SharingBodies.delivery(delivery), status: .accepted)
    }

    /// Whoever has no login learns nothing of ids.
    private func id(_ context: AppContext) throws -> WebhookID {
        _ = try context.principal
        return try context.id("webhook_id", "webhook")
    }

    private static func kinds(_ names: [String]) throws -> Set<PlatformEvent.Kind> {
        let possible = PlatformEvent.Kind.allCases.filter { $0 != .test }
        return Set(
            try names.map { name in
                guard let kind = possible.first(where: { $0.rawValue == name }) else {
                    throw PlatformError.field("/events", "expected some of \(possible.map(\.rawValue).joined(separator: ", "))")
                }
                return kind
            })
    }

    private static func described(_ text: String?) throws -> String? {
        if let text, text.count > 500 { throw PlatformError.field("/description", "expected at most 500 characters") }
        return text
    }
}
