package import Database
package import Domain

/// Groups in SQL.
package struct SQLGroupRepository: GroupRepository {
    private let database: any SQLDatabase

    package init(_ database: any SQLDatabase) {
        self.database = database
    }

    package func add(_ group: Group) async throws {
        try await change(
            "INSERT INTO groups (id, name, description, created_at) VALUES (?, ?, ?, ?)",
            .text(group.id.rawValue), .text(group.name), .text(group.description), .int(group.createdAt.milliseconds))
    }

    package func update(_ group: Group) async throws {
        try await change("UPDATE groups SET name = ?, description = ? WHERE id = ?", .text(group.name), .text(group.description), .text(group.id.rawValue))
    }

    package func remove(_ id: GroupID) async throws {
        try await database.write { connection in
            for table in ["ml_model_permissions", "group_members"] {
                try connection.execute("DELETE FROM \(table) WHERE group_id = ?", [.text(id.rawValue)])
            }
            try connection.execute("DELETE FROM groups WHERE id = ?", [.text(id.rawValue)])
            try AccessChanges.count(connection)
        }
    }

    package func group(_ id: GroupID) async throws -> Group? {
        try await database.read { connection in
            try connection.first("SELECT * FROM groups WHERE id = ?", [.text(id.rawValue)]).map { try Group(row: $0) }
        }
    }

    package func groups(of user: UserID?) async throws -> [(group: Group, members: Int)] {
        try await database.read { connection in
            let condition = user == nil ? "" : "WHERE g.id IN (SELECT group_id FROM group_members WHERE user_id = ?)"
            return try connection.query(
                "SELECT g.*, (SELECT COUNT(*) FROM group_members m WHERE m.group_id = g.id) AS members FROM groups g \(condition) ORDER BY g.name",
                user.map { [.text($0.rawValue)] } ?? []
            ).map { (try Group(row: $0), Int(try $0.int("members"))) }
        }
    }

    package func members(of id: GroupID) async throws -> [User] {
        try await database.read { connection in
            try connection.query(
                "SELECT u.* FROM users u JOIN group_members m ON m.user_id = u.id WHERE m.group_id = ? ORDER BY u.username", [.text(id.rawValue)]
            ).map { try User(row: $0) }
        }
    }

    package func addMember(_ user: UserID, to id: GroupID, at now: Timestamp) async throws {
        try await change(
            "INSERT INTO group_members (group_id, user_id, added_at) VALUES (?, ?, ?) ON CONFLICT(group_id, user_id) DO NOTHING",
            .text(id.rawValue), .text(user.rawValue), .int(now.milliseconds))
    }

    package func hasGrants(_ id: GroupID) async throws -> Bool {
        try await database.read { try $0.first("SELECT id FROM ml_model_permissions WHERE group_id = ? LIMIT 1", [.text(id.rawValue)]) != nil }
    }

    package func removeMember(_ user: UserID, from id: GroupID) async throws -> Bool {
        try await change("DELETE FROM group_members WHERE group_id = ? AND user_id = ?", .text(id.rawValue), .text(user.rawValue)) == 1
    }

    @discardableResult
    private func change(_ sql: String, _ values: SQLValue...) async throws -> Int {
        try await database.write { connection in
            let changed = try connection.execute(sql, values)
            try AccessChanges.count(connection)
            return changed
        }
    }
}

extension Group {
    fileprivate init(row: SQLRow) throws {
        self.init(
            id: GroupID(stored: try row.text("id")), name: try row.text("name"), description: try row.text("description"),
            createdAt: Timestamp(milliseconds: try row.int("created_at")))
    }
}
