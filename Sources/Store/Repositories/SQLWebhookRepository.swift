package import Database
package import Domain

/// Webhooks and their deliveries in SQL.
package struct SQLWebhookRepository: WebhookRepository {
    /// Deliveries of one account at once, so that its slow receivers hold nobody else up for long.
    private static let ofOneAccount = 2
    private let database: any SQLDatabase

    package init(_ database: any SQLDatabase) {
        self.database = database
    }

    package func add(_ webhook: Webhook) async throws {
        try await database.write { connection in
            try connection.execute(
                """
                INSERT INTO webhooks (id, owner_id, url, kinds_json, description, is_active, secret_number, created_at, updated_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    .text(webhook.id.rawValue), .text(webhook.ownerID.rawValue), .text(webhook.url), .text(try SQLJSON.text(webhook.kinds.map(\.rawValue).sorted())),
                    .text(webhook.description), .bool(webhook.isActive), .int(Int64(webhook.secretNumber)), .int(webhook.createdAt.milliseconds),
                    .int(webhook.updatedAt.milliseconds),
                ])
            let count = try connection.first("SELECT COUNT(*) AS n FROM webhooks WHERE owner_id = ?", [.text(webhook.ownerID.rawValue)])
            guard try count?.int("n") ?? 0 <= Webhook.maximumCount else {
                throw PlatformError(.quotaExceeded, "An account may have \(Webhook.maximumCount) webhooks.", details: .object(["limit": .int(Webhook.maximumCount)]))
            }
        }
    }

    package func update(_ webhook: Webhook, readAt moment: Timestamp) async throws -> Bool {
        try await database.write { connection in
            try connection.execute(
                "UPDATE webhooks SET url = ?, kinds_json = ?, description = ?, is_active = ?, secret_number = ?, updated_at = ? WHERE id = ? AND updated_at = ?",
                [
                    .text(webhook.url), .text(try SQLJSON.text(webhook.kinds.map(\.rawValue).sorted())), .text(webhook.description), .bool(webhook.isActive),
                    .int(Int64(webhook.secretNumber)), .int(webhook.updatedAt.milliseconds), .text(webhook.id.rawValue), .int(moment.milliseconds),
                ]) == 1
        }
    }

    package func switchOff(_ webhook: Webhook, at now: Timestamp) async throws {
        try await database.write { connection in
            try connection.execute(
                "UPDATE webhooks SET is_active = FALSE, updated_at = ? WHERE id = ? AND url = ? AND secret_number = ?",
                [.int(now.milliseconds), .text(webhook.id.rawValue), .text(webhook.url), .int(Int64(webhook.secretNumber))])
        }
    }

    package func pendingCount(of webhook: WebhookID) async throws -> Int {
        try await database.read { connection in
            let row = try connection.first("SELECT COUNT(*) AS n FROM webhook_deliveries WHERE webhook_id = ? AND state = 'pending'", [.text(webhook.rawValue)])
            return Int(try row?.int("n") ?? 0)
        }
    }

    package func webhook(_ id: WebhookID) async throws -> Webhook? {
        try await database.read { try $0.first("SELECT * FROM webhooks WHERE id = ?", [.text(id.rawValue)]).map { try Webhook(row: $0) } }
    }

    package func webhooks(of user: UserID) async throws -> [Webhook] {
        try await database.read {
            try $0.query("SELECT * FROM webhooks WHERE owner_id = ? ORDER BY id DESC", [.text(user.rawValue)]).map { try Webhook(row: $0) }
        }
    }

    package func remove(_ id: WebhookID) async throws {
        try await database.write { try $0.execute("DELETE FROM webhooks WHERE id = ?", [.text(id.rawValue)]) }
    }

    package func add(_ delivery: WebhookDelivery) async throws {
        try await database.write { try Self.insert(delivery, $0) }
    }

    package func update(_ delivery: WebhookDelivery) async throws {
        try await database.write { connection in
            try connection.execute(
                "UPDATE webhook_deliveries SET state = ?, attempts = ?, next_at = ?, last_status = ?, last_error = ?, time_ms = ?, ended_at = ? WHERE id = ?",
                [
                    .text(delivery.state.rawValue), .int(Int64(delivery.attempts)), .int(delivery.nextAt.milliseconds), .optional(delivery.lastStatus.map(Int64.init)),
                    .optional(delivery.lastError), delivery.milliseconds.map { .double($0) } ?? .null, .optional(delivery.endedAt?.milliseconds),
                    .text(delivery.id.rawValue),
                ])
        }
    }

    package func delivery(_ id: DeliveryID) async throws -> WebhookDelivery? {
        try await database.read { try $0.first("SELECT * FROM webhook_deliveries WHERE id = ?", [.text(id.rawValue)]).map { try WebhookDelivery(row: $0) } }
    }

    package func deliveries(of webhook: WebhookID, before: DeliveryID?, limit: Int) async throws -> [WebhookDelivery] {
        try await database.read { connection in
            try connection.query(
                "SELECT * FROM webhook_deliveries WHERE webhook_id = ? AND id < ? ORDER BY id DESC LIMIT ?",
                [.text(webhook.rawValue), .text(before?.rawValue ?? "msg_~"), .int(Int64(limit))]
            ).map { try WebhookDelivery(row: $0) }
        }
    }

    package func due(at now: Timestamp, limit: Int) async throws -> [(delivery: WebhookDelivery, webhook: Webhook)] {
        try await database.read { connection in
            let rows = try connection.query(
                """
                SELECT * FROM (
                    SELECT d.*, ROW_NUMBER() OVER (PARTITION BY w.owner_id ORDER BY d.next_at) AS place FROM webhook_deliveries d JOIN webhooks w ON w.id = d.webhook_id
                    WHERE d.state = 'pending' AND d.next_at <= ?
                ) WHERE place <= \(Self.ofOneAccount) ORDER BY next_at LIMIT ?
                """, [.int(now.milliseconds), .int(Int64(limit))])
            return try rows.compactMap { row in
                let delivery = try WebhookDelivery(row: row)
                let webhook = try connection.first("SELECT * FROM webhooks WHERE id = ?", [.text(delivery.webhookID.rawValue)])
                return try webhook.map { (delivery, try Webhook(row: $0)) }
            }
        }
    }

    static func insert(_ delivery: WebhookDelivery, _ connection: any SQLConnection) throws {
        try connection.execute(
            """
            INSERT INTO webhook_deliveries (id, webhook_id, kind, payload, state, attempts, next_at, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(delivery.id.rawValue), .text(delivery.webhookID.rawValue), .text(delivery.kind.rawValue), .text(delivery.payload),
                .text(delivery.state.rawValue), .int(Int64(delivery.attempts)), .int(delivery.nextAt.milliseconds), .int(delivery.createdAt.milliseconds),
            ])
    }
}

extension Webhook {
    init(row: SQLRow) throws {
        let kinds = try SQLJSON.value([String].self, from: try row.text("kinds_json")).compactMap(PlatformEvent.Kind.init)
        self.init(
            id: WebhookID(stored: try row.text("id")), ownerID: UserID(stored: try row.text("owner_id")), url: try row.text("url"), kinds: Set(kinds),
            description: try row.text("description"), isActive: try row.bool("is_active"), secretNumber: Int(try row.int("secret_number")),
            createdAt: Timestamp(milliseconds: try row.int("created_at")), updatedAt: Timestamp(milliseconds: try row.int("updated_at")))
    }
}

extension WebhookDelivery {
    fileprivate init(row: SQLRow) throws {
        self.init(
            id: DeliveryID(stored: try row.text("id")), webhookID: WebhookID(stored: try row.text("webhook_id")),
            kind: PlatformEvent.Kind(rawValue: try row.text("kind")) ?? .test, payload: try row.text("payload"),
            state: State(rawValue: try row.text("state")) ?? .failed, attempts: Int(try row.int("attempts")), nextAt: Timestamp(milliseconds: try row.int("next_at")),
            lastStatus: try row.optionalInt("last_status").map(Int.init), lastError: try row.optionalText("last_error"), milliseconds: try row.optionalDouble("time_ms"),
            createdAt: Timestamp(milliseconds: try row.int("created_at")), endedAt: try row.optionalInt("ended_at").map(Timestamp.init(milliseconds:)))
    }
}
