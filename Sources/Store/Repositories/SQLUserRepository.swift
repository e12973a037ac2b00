package import Database
package import Domain

/// Accounts in SQL.
package struct SQLUserRepository: UserRepository {
    private let database: any SQLDatabase

    package init(_ database: any SQLDatabase) {
        self.database = database
    }

    package func add(_ user: User, passwordHash: String, invitation: InvitationID?) async throws {
        try await database.write { connection in
            try connection.execute(
                """
                INSERT INTO users (id, email, username, password_hash, role, is_active, created_at, subscription, requests_per_minute, models_limit,
                    storage_quota, uploads_per_hour) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    .text(user.id.rawValue), .text(user.email), .text(user.username), .text(passwordHash), .text(user.role.rawValue),
                    .bool(user.isActive), .int(user.createdAt.milliseconds), .text(user.subscription.rawValue),
                ] + Self.values(of: user.limits)
            )
            guard let invitation else { return }
            let used = try connection.execute(
                "UPDATE invitations SET used_by = ? WHERE id = ? AND used_by IS NULL", [.text(user.id.rawValue), .text(invitation.rawValue)])
            guard used == 1 else { throw PlatformError(.forbidden, "The invitation was used.") }
        }
    }

    package func update(_ user: User, from before: User) async throws {
        try await database.write { connection in
            let written = try Self.changing(
                "email = ?, username = ?, role = ?, is_active = ?, subscription = ?, requests_per_minute = ?, models_limit = ?, storage_quota = ?, uploads_per_hour = ?",
                [.text(user.email), .text(user.username), .text(user.role.rawValue), .bool(user.isActive), .text(user.subscription.rawValue)]
                    + Self.values(of: user.limits), of: before, connection)
            guard written else { throw PlatformError(.conflict, "The account was changed meanwhile. hint: read it again.") }
            try Self.requireAdmin(after: before, connection)
            try AccessChanges.count(connection)
        }
    }

    /// - Returns: false when the account is not as it was read.
    private static func changing(_ assignments: String, _ values: [SQLValue], of before: User, _ connection: any SQLConnection) throws -> Bool {
        do {
            return try connection.execute(
                "UPDATE users SET \(assignments) WHERE id = ? AND email = ? AND username = ? AND role = ? AND is_active = ? AND closed_at IS NULL",
                values + [
                    .text(before.id.rawValue), .text(before.email), .text(before.username), .text(before.role.rawValue), .bool(before.isActive),
                ]) == 1
        } catch let error as PlatformError where error.code == .conflict {
            throw PlatformError(.conflict, "The email address or the user name is taken.")
        }
    }

    /// An account that was an admin may have been the last one.
    private static func requireAdmin(after before: User, _ connection: any SQLConnection) throws {
        guard before.role == .admin, before.isActive else { return }
        let left = try connection.first(
            "SELECT COUNT(*) AS n FROM users WHERE role = ? AND is_active = TRUE AND closed_at IS NULL", [.text(RoleName.admin.rawValue)])
        guard try left?.int("n") ?? 0 > 0 else { throw PlatformError(.conflict, "This is the last active admin.") }
    }

    package func setPasswordHash(_ hash: String, of id: UserID) async throws {
        try await database.write { connection in
            try connection.execute("UPDATE users SET password_hash = ? WHERE id = ?", [.text(hash), .text(id.rawValue)])
        }
    }

    package func close(_ user: User, heir: UserID?, at now: Timestamp) async throws -> (sessions: [SessionID], models: [ModelID]) {
        try await database.write { connection in
            let id = SQLValue.text(user.id.rawValue)
            let models = try connection.query("SELECT id FROM ml_models WHERE owner_id = ? AND status <> 'deleted'", [id])
                .map { ModelID(stored: try $0.text("id")) }
            guard heir != nil || models.isEmpty else {
                throw PlatformError(
                    .conflict, "The account owns \(models.count) models. hint: say who gets them with 'transfer_to', or delete them first.",
                    details: .object(["models": .int(models.count)]))
            }
            if let heir {
                try connection.execute("UPDATE ml_models SET owner_id = ? WHERE owner_id = ? AND status <> 'deleted'", [.text(heir.rawValue), id])
            }
            let sessions = try SQLSessionRepository.endAll(of: user.id, except: nil, at: now, connection)
            try connection.execute("UPDATE api_keys SET is_active = FALSE WHERE user_id = ?", [id])
            try connection.execute("DELETE FROM webhooks WHERE owner_id = ?", [id])
            try connection.execute("DELETE FROM notifications WHERE user_id = ?", [id])
            try connection.execute("DELETE FROM group_members WHERE user_id = ?", [id])
            try connection.execute("DELETE FROM ml_model_permissions WHERE user_id = ?", [id])
            try connection.execute("DELETE FROM invitations WHERE invited_by = ? AND used_by IS NULL", [id])
            // Address and name are free again; the id stays in the record.
            let closed = try Self.changing(
                "is_active = FALSE, closed_at = ?, email = ?, username = ?, password_hash = ''",
                [.int(now.milliseconds), .text("closed:\(user.id)"), .text("closed:\(user.id)")], of: user, connection)
            guard closed else { throw PlatformError(.conflict, "The account was changed meanwhile. hint: read it again.") }
            try Self.requireAdmin(after: user, connection)
            try AccessChanges.count(connection)
            return (sessions, models)
        }
    }

    package func user(_ id: UserID) async throws -> User? {
        try await first("id = ?", .text(id.rawValue)) { try User(row: $0) }
    }

    package func credentials(of email: String) async throws -> (user: User, passwordHash: String)? {
        try await first("email = ?", .text(email)) { (try User(row: $0), try $0.text("password_hash")) }
    }

    package func passwordHash(of id: UserID) async throws -> String? {
        try await first("id = ?", .text(id.rawValue)) { try $0.text("password_hash") }
    }

    package func count() async throws -> Int {
        try await count("TRUE", [])
    }

    package func account(_ id: UserID) async throws -> (user: User, groups: Set<GroupID>)? {
        try await database.read { connection in
            guard let row = try connection.first("SELECT * FROM users WHERE id = ?", [.text(id.rawValue)]) else { return nil }
            let groups = try connection.query("SELECT group_id FROM group_members WHERE user_id = ?", [.text(id.rawValue)])
            return (try User(row: row), Set(try groups.map { GroupID(stored: try $0.text("group_id")) }))
        }
    }

    package func users(_ query: UserQuery) async throws -> (users: [User], total: Int) {
        var conditions = ["closed_at IS NULL"]
        var values: [SQLValue] = []
        if let role = query.role {
            conditions.append("role = ?")
            values.append(.text(role.rawValue))
        }
        if let isActive = query.isActive {
            conditions.append("is_active = ?")
            values.append(.bool(isActive))
        }
        if let search = query.search {
            conditions.append("(lower(email) LIKE ? ESCAPE '!' OR lower(username) LIKE ? ESCAPE '!')")
            values += repeatElement(.text(SQLPattern.containing(search)), count: 2)
        }
        let (condition, bound) = (conditions.joined(separator: " AND "), values)
        return try await database.read { connection in
            let total = try connection.first("SELECT COUNT(*) AS n FROM users WHERE \(condition)", bound)?.int("n") ?? 0
            let place: [SQLValue] = query.after.map { [.int($0.createdAt.milliseconds), .text($0.id)] } ?? []
            let rows = try connection.query(
                """
                SELECT * FROM users WHERE \(condition)\(place.isEmpty ? "" : " AND (created_at, id) < (?, ?)")
                ORDER BY created_at DESC, id DESC LIMIT ?
                """, bound + place + [.int(Int64(query.limit))])
            return (try rows.map { try User(row: $0) }, Int(total))
        }
    }

    private func first<Value: Sendable>(_ condition: String, _ value: SQLValue, _ make: @escaping @Sendable (SQLRow) throws -> Value) async throws -> Value? {
        try await database.read { connection in
            try connection.first("SELECT * FROM users WHERE \(condition) AND closed_at IS NULL", [value]).map(make)
        }
    }

    private func count(_ condition: String, _ values: [SQLValue]) async throws -> Int {
        try await database.read { connection in
            Int(try connection.first("SELECT COUNT(*) AS n FROM users WHERE \(condition)", values)?.int("n") ?? 0)
        }
    }

    private static func values(of limits: AccountLimits) -> [SQLValue] {
        [
            .optional(limits.requestsPerMinute.map(Int64.init)), .optional(limits.models.map(Int64.init)), .optional(limits.storage),
            .optional(limits.uploadsPerHour.map(Int64.init)),
        ]
    }
}

extension User {
    private static let columnNames = [
        "id", "email", "username", "role", "is_active", "created_at", "subscription", "requests_per_minute", "models_limit", "storage_quota",
        "uploads_per_hour", "closed_at",
    ]

    /// Reads the columns of `users`; `prefix` names them apart in a join.
    init(row: SQLRow, prefix: String = "") throws {
        self.init(
            id: UserID(stored: try row.text(prefix + "id")),
            email: try row.text(prefix + "email"),
            username: try row.text(prefix + "username"),
            role: RoleName(stored: try row.text(prefix + "role")),
            subscription: Subscription(rawValue: try row.text(prefix + "subscription")) ?? .free,
            limits: AccountLimits(
                requestsPerMinute: try row.optionalInt(prefix + "requests_per_minute").map(Int.init),
                models: try row.optionalInt(prefix + "models_limit").map(Int.init),
                storage: try row.optionalInt(prefix + "storage_quota"),
                uploadsPerHour: try row.optionalInt(prefix + "uploads_per_hour").map(Int.init)),
            isActive: try row.bool(prefix + "is_active"),
            createdAt: Timestamp(milliseconds: try row.int(prefix + "created_at")),
            closedAt: try row.optionalInt(prefix + "closed_at").map(Timestamp.init(milliseconds:))
        )
    }

    /// The columns of `users` under names that a join does not mix up.
    static func columns(of table: String, prefix: String) -> String {
        columnNames.map { "\(table).\($0) AS \(prefix)\($0)" }.joined(separator: ", ")
    }
}
