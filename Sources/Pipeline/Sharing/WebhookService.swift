internal import Access
package import Domain
package import Webhooks

/// Webhooks of an account: made, changed, tried and looked after by whom they belong to.
package struct WebhookService: Sendable {
    /// Deliveries under way beyond which none is sent by hand.
    private static let maximumPending = 100
    private let webhooks: any WebhookRepository
    private let deliverer: WebhookDeliverer
    private let secrets: WebhookSecrets
    private let networks: [AddressRange]
    private let audit: any AuditRepository
    private let clock: any WallClock

    package init(
        webhooks: any WebhookRepository, deliverer: WebhookDeliverer, secrets: WebhookSecrets, networks: [AddressRange], audit: any AuditRepository,
        clock: any WallClock
    ) {
        self.webhooks = webhooks
        self.deliverer = deliverer
        self.secrets = secrets
        self.networks = networks
        self.audit = audit
        self.clock = clock
    }

    /// - Throws: `schemaViolation` for an address that may not be called; `quotaExceeded`; `forbidden` for a key.
    package func make(_ url: String, _ kinds: Set<PlatformEvent.Kind>, _ description: String, by principal: Principal) async throws -> (Webhook, secret: String) {
        try principal.requireLogin()
        try await check(url)
        let now = clock.now
        let webhook = Webhook(
            id: WebhookID(at: now), ownerID: principal.userID, url: url, kinds: kinds, description: description, createdAt: now, updatedAt: now)
        try await webhooks.add(webhook)
        try await note("webhook.made", webhook, principal)
        return (webhook, secrets.secret(of: webhook))
    }

    package func list(for principal: Principal) async throws -> [Webhook] {
        try principal.requireLogin()
        return try await webhooks.webhooks(of: principal.userID)
    }

    /// - Throws: `notFound` also for a webhook of somebody else.
    package func webhook(_ id: WebhookID, for principal: Principal) async throws -> Webhook {
        try principal.requireLogin()
        guard let webhook = try await webhooks.webhook(id), webhook.ownerID == principal.userID else { throw PlatformError.notFound("webhook", id.rawValue) }
        return webhook
    }

    package func change(
        _ id: WebhookID, url: String?, kinds: Set<PlatformEvent.Kind>?, description: String?, isActive: Bool?, by principal: Principal
    ) async throws -> Webhook {
        var webhook = try await webhook(id, for: principal)
        if let url {
            try await check(url)
            webhook.url = url
        }
        webhook.kinds = kinds ?? webhook.kinds
        webhook.description = description ?? webhook.description
        webhook.isActive = isActive ?? webhook.isActive
        try await update(&webhook)
        try await note("webhook.changed", webhook, principal)
        return webhook
    }

    /// Gives the webhook another secret; the old one is good no more.
    package func rotate(_ id: WebhookID, by principal: Principal) async throws -> (Webhook, secret: String) {
        var webhook = try await webhook(id, for: principal)
        webhook.secretNumber += 1
        try await update(&webhook)
        try await note("webhook.secret_rotated", webhook, principal)
        return (webhook, secrets.secret(of: webhook))
    }

    package func remove(_ id: WebhookID, by principal: Principal) async throws {
        let webhook = try await webhook(id, for: principal)
        try await webhooks.remove(id)
        try await note("webhook.removed", webhook, principal)
    }

    /// Sends an event that says that it is a test.
    package func test(_ id: WebhookID, by principal: Principal) async throws -> WebhookDelivery {
        let webhook = try await webhook(id, for: principal)
        guard webhook.isActive else { throw PlatformError(.conflict, "The webhook is switched off.") }
        let event = PlatformEvent(.test, about: nil, "A test of the webhook.", ["webhook_id": .string(id.rawValue)], at: clock.now)
        return try await send(try event.payload, .test, to: webhook)
    }

    package func deliveries(of id: WebhookID, before: DeliveryID?, limit: Int, for principal: Principal) async throws -> [WebhookDelivery] {
        _ = try await webhook(id, for: principal)
        return try await webhooks.deliveries(of: id, before: before, limit: limit)
    }

    /// Sends a delivery that has ended once more, as a new one.
    /// - Throws: `conflict` while it is under way.
    package func retry(_ delivery: DeliveryID, of id: WebhookID, by principal: Principal) async throws -> WebhookDelivery {
        let webhook = try await webhook(id, for: principal)
        guard let found = try await webhooks.delivery(delivery), found.webhookID == id else { throw PlatformError.notFound("delivery", delivery.rawValue) }
        guard found.state != .pending else { throw PlatformError(.conflict, "The delivery is under way still.") }
        guard webhook.isActive else { throw PlatformError(.conflict, "The webhook is switched off.") }
        return try await send(found.payload, found.kind, to: webhook)
    }

    private func send(_ payload: String, _ kind: PlatformEvent.Kind, to webhook: Webhook) async throws -> WebhookDelivery {
        guard try await webhooks.pendingCount(of: webhook.id) < Self.maximumPending else {
            throw PlatformError(.rateLimited, "\(Self.maximumPending) deliveries of the webhook are under way.", retryAfterSeconds: 60)
        }
        let now = clock.now
        let delivery = WebhookDelivery(id: DeliveryID(at: now), webhookID: webhook.id, kind: kind, payload: payload, nextAt: now, createdAt: now)
        try await webhooks.add(delivery)
        deliverer.wake()
        return delivery
    }

    private func check(_ url: String) async throws {
        _ = try await WebhookAddress.resolved(url, allowing: networks)
    }

    private func update(_ webhook: inout Webhook) async throws {
        let readAt = webhook.updatedAt
        webhook.updatedAt = max(clock.now, readAt.adding(milliseconds: 1))
        guard try await webhooks.update(webhook, readAt: readAt) else { throw PlatformError(.conflict, "The webhook is being changed. hint: try again.") }
    }

    private func note(_ action: String, _ webhook: Webhook, _ principal: Principal) async throws {
        try await audit.append(
            AuditEntry(
                action: action, resourceType: "webhook", resourceID: webhook.id.rawValue, userID: principal.userID,
                details: .object(["events": .strings(webhook.kinds.map(\.rawValue).sorted()), "is_active": .bool(webhook.isActive)]), at: clock.now))
    }
}
