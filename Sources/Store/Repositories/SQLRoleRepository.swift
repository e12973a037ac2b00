package import Database
package import Domain

/// Roles of one's own, in SQL.
package struct SQLRoleRepository: RoleRepository {
    private let database: any SQLDatabase

    package init(_ database: any SQLDatabase) {
        self.database = database
    }

    package func roles() async throws -> [Role] {
        try await database.read { connection in
            try connection.query("SELECT * FROM roles ORDER BY name").map { row in
                let names = try SQLJSON.value([String].self, from: try row.text("permissions_json"))
                return Role(
                    name: RoleName(stored: try row.text("name")), description: try row.text("description"), permissions: Permissions(names: names) ?? [])
            }
        }
    }

    package func add(_ role: Role, at now: Timestamp) async throws {
        let permissions = try SQLJSON.text(role.permissions.names)
        try await database.write { connection in
            try connection.execute(
                "INSERT INTO roles (name, description, permissions_json, created_at) VALUES (?, ?, ?, ?)",
                [.text(role.name.rawValue), .text(role.description), .text(permissions), .int(now.milliseconds)])
            try AccessChanges.count(connection)
        }
    }

    package func update(_ role: Role) async throws {
        let permissions = try SQLJSON.text(role.permissions.names)
        try await database.write { connection in
            try connection.execute(
                "UPDATE roles SET description = ?, permissions_json = ? WHERE name = ?",
                [.text(role.description), .text(permissions), .text(role.name.rawValue)])
            try AccessChanges.count(connection)
        }
    }

    package func remove(_ name: RoleName) async throws -> Int {
        try await database.write { connection in
            let users = Int(try connection.first("SELECT COUNT(*) AS n FROM users WHERE role = ? AND closed_at IS NULL", [.text(name.rawValue)])?.int("n") ?? 0)
            if users == 0 { try connection.execute("DELETE FROM invitations WHERE role = ? AND used_by IS NULL", [.text(name.rawValue)]) }
            if users == 0 { try connection.execute("DELETE FROM roles WHERE name = ?", [.text(name.rawValue)]) }
            try AccessChanges.count(connection)
            return users
        }
    }
}
