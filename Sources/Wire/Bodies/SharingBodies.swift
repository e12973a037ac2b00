package import Domain

/// Cards, complaints, notifications and webhooks as the API shows them.
package enum SharingBodies {
    package static func card(_ card: ModelCard) -> JSONValue {
        .object([
            "model_id": .string(card.modelID.rawValue), "markdown": .string(card.markdown), "html": .string(card.html), "front_matter": .object(card.frontMatter),
            "license": text(card.license), "updated_at": .string(card.updatedAt.description), "updated_by": .string(card.updatedBy.rawValue),
        ])
    }

    package static func report(_ report: ModelReport) -> JSONValue {
        .object([
            "id": .string(report.id.rawValue), "model_id": .string(report.modelID.rawValue), "reported_by": .string(report.reporterID.rawValue),
            "reason": .string(report.reason.rawValue), "description": .string(report.text), "state": .string(report.state.rawValue),
            "created_at": .string(report.createdAt.description), "decided_by": text(report.decidedBy?.rawValue), "decided_at": text(report.decidedAt?.description),
            "note": text(report.note),
        ])
    }

    package static func notification(_ notification: Notification) -> JSONValue {
        let event = notification.event
        return .object([
            "id": .string(notification.id.rawValue), "type": .string(event.kind.rawValue), "message": .string(event.message), "model_id": text(event.modelID?.rawValue),
            "data": .object(event.details), "created_at": .string(event.at.description), "read_at": text(notification.readAt?.description),
        ])
    }

    /// - Parameter secret: Shown when it is new.
    package static func webhook(_ webhook: Webhook, secret: String? = nil) -> JSONValue {
        var members: [String: JSONValue] = [
            "id": .string(webhook.id.rawValue), "url": .string(webhook.url), "events": .strings(webhook.kinds.map(\.rawValue).sorted()),
            "description": .string(webhook.description), "is_active": .bool(webhook.isActive), "created_at": .string(webhook.createdAt.description),
            "updated_at": .string(webhook.updatedAt.description),
        ]
        if let secret { members["secret"] = .string(secret) }
        return .object(members)
    }

    package static func delivery(_ delivery: WebhookDelivery) -> JSONValue {
        .object([
            "id": .string(delivery.id.rawValue), "webhook_id": .string(delivery.webhookID.rawValue), "type": .string(delivery.kind.rawValue),
            "payload": .string(delivery.payload), "state": .string(delivery.state.rawValue), "attempts": .int(delivery.attempts),
            "next_attempt_at": delivery.state == .pending ? .string(delivery.nextAt.description) : .null,
            "response_status": delivery.lastStatus.map { .int($0) } ?? .null,
            "error": text(delivery.lastError), "time_ms": delivery.milliseconds.map { .double(($0 * 10).rounded() / 10) } ?? .null,
            "created_at": .string(delivery.createdAt.description), "ended_at": text(delivery.endedAt?.description),
        ])
    }

    private static func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
}
