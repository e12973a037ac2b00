package import Database
package import Domain

/// Inboxes in SQL, and events on their way to webhooks.
package struct SQLEventRepository: EventRepository {
    private let database: any SQLDatabase

    package init(_ database: any SQLDatabase) {
        self.database = database
    }

    package func post(_ event: PlatformEvent, to users: Set<UserID>, payload: String) async throws -> [Notification] {
        try await database.write { connection in
            try users.sorted().map { user in
                let notification = Notification(id: NotificationID(at: event.at), userID: user, event: event)
                try connection.execute(
                    "INSERT INTO notifications (id, user_id, kind, model_id, message, details_json, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                    [
                        .text(notification.id.rawValue), .text(user.rawValue), .text(event.kind.rawValue), .optional(event.modelID?.rawValue), .text(event.message),
                        .text(try SQLJSON.text(event.details)), .int(event.at.milliseconds),
                    ])
                for row in try connection.query(
                    "SELECT w.* FROM webhooks w JOIN users u ON u.id = w.owner_id WHERE w.owner_id = ? AND w.is_active = TRUE AND u.is_active = TRUE",
                    [.text(user.rawValue)])
                {
                    let webhook = try Webhook(row: row)
                    guard webhook.kinds.isEmpty || webhook.kinds.contains(event.kind) else { continue }
                    try SQLWebhookRepository.insert(
                        WebhookDelivery(
                            id: DeliveryID(at: event.at), webhookID: webhook.id, kind: event.kind, payload: payload, nextAt: event.at, createdAt: event.at), connection)
                }
                return notification
            }
        }
    }

    package func notifications(of user: UserID, unreadOnly: Bool, before: NotificationID?, limit: Int) async throws -> [Notification] {
        try await database.read { connection in
            try connection.query(
                """
                SELECT * FROM notifications WHERE user_id = ? AND id < ? \(unreadOnly ? "AND read_at IS NULL" : "") ORDER BY id DESC LIMIT ?
                """, [.text(user.rawValue), .text(before?.rawValue ?? "note_~"), .int(Int64(limit))]
            ).map { try Notification(row: $0) }
        }
    }

    package func notifications(of user: UserID, after: NotificationID, limit: Int) async throws -> [Notification] {
        try await database.read { connection in
            try connection.query(
                "SELECT * FROM notifications WHERE user_id = ? AND id > ? ORDER BY id LIMIT ?", [.text(user.rawValue), .text(after.rawValue), .int(Int64(limit))]
            ).map { try Notification(row: $0) }
        }
    }

    package func unreadCount(of user: UserID) async throws -> Int {
        try await database.read { connection in
            Int(try connection.first("SELECT COUNT(*) AS n FROM notifications WHERE user_id = ? AND read_at IS NULL", [.text(user.rawValue)])?.int("n") ?? 0)
        }
    }

    package func markRead(_ id: NotificationID?, of user: UserID, at now: Timestamp) async throws -> Int {
        try await database.write { connection in
            try connection.execute(
                "UPDATE notifications SET read_at = ? WHERE user_id = ? AND read_at IS NULL \(id == nil ? "" : "AND id = ?")",
                [.int(now.milliseconds), .text(user.rawValue)] + (id.map { [.text($0.rawValue)] } ?? []))
        }
    }

    package func exists(_ id: NotificationID, of user: UserID) async throws -> Bool {
        try await database.read {
            try $0.first("SELECT 1 AS one FROM notifications WHERE id = ? AND user_id = ?", [.text(id.rawValue), .text(user.rawValue)]) != nil
        }
    }

    package func remove(_ id: NotificationID, of user: UserID) async throws -> Bool {
        try await database.write {
            try $0.execute("DELETE FROM notifications WHERE id = ? AND user_id = ?", [.text(id.rawValue), .text(user.rawValue)]) == 1
        }
    }

    package func remove(before moment: Timestamp) async throws {
        try await database.write { connection in
            try connection.execute("DELETE FROM notifications WHERE created_at < ?", [.int(moment.milliseconds)])
            try connection.execute("DELETE FROM webhook_deliveries WHERE created_at < ? AND state <> 'pending'", [.int(moment.milliseconds)])
        }
    }
}

extension Notification {
    fileprivate init(row: SQLRow) throws {
        let event = PlatformEvent(
            PlatformEvent.Kind(rawValue: try row.text("kind")) ?? .test, about: try row.optionalText("model_id").map(ModelID.init(stored:)), try row.text("message"),
            try SQLJSON.value([String: JSONValue].self, from: try row.text("details_json")), at: Timestamp(milliseconds: try row.int("created_at")))
        self.init(
            id: NotificationID(stored: try row.text("id")), userID: UserID(stored: try row.text("user_id")), event: event,
            readAt: try row.optionalInt("read_at").map(Timestamp.init(milliseconds:)))
    }
}
