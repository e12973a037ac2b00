package import Database
package import Domain

/// Accounts in SQL.
package struct SQLUserRepository: UserRepository {
    private let database: any SQLDatabase

    package init(_ database: any SQLDatabase) {
        self.database = database
    }

    package func add(_ user: User, passwordHash: String) async throws {
        try await database.write { connection in
            try connection.execute(
                "INSERT INTO users (id, email, username, password_hash, role, is_active, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    .text(user.id.rawValue), .text(user.email), .text(user.username), .text(passwordHash), .text(user.role.rawValue),
                    .bool(user.isActive), .int(user.createdAt.milliseconds),
                ]
            )
        }
    }

    package func user(_ id: UserID) async throws -> User? {
        try await database.read { connection in
            try connection.first("SELECT * FROM users WHERE id = ?", [.text(id.rawValue)]).map { try User(row: $0) }
        }
    }

    package func credentials(of email: String) async throws -> (user: User, passwordHash: String)? {
        try await database.read { connection in
            try connection.first("SELECT * FROM users WHERE email = ?", [.text(email)]).map { row in
                (try User(row: row), try row.text("password_hash"))
            }
        }
    }

    package func count() async throws -> Int {
        try await database.read { connection in
            Int(try connection.first("SELECT COUNT(*) AS n FROM users", [])?.int("n") ?? 0)
        }
    }
}

extension User {
    /// Reads the columns of `users`; `prefix` names them apart in a join.
    init(row: SQLRow, prefix: String = "") throws {
        self.init(
            id: UserID(stored: try row.text(prefix + "id")),
            email: try row.text(prefix + "email"),
            username: try row.text(prefix + "username"),
            role: Role(rawValue: try row.text(prefix + "role")) ?? .viewer,
            isActive: try row.bool(prefix + "is_active"),
            createdAt: Timestamp(milliseconds: try row.int(prefix + "created_at"))
        )
    }

    /// The columns of `users` under names that a join does not mix up.
    static func columns(of table: String, prefix: String) -> String {
        ["id", "email", "username", "role", "is_active", "created_at"]
            .map { "\(table).\($0) AS \(prefix)\($0)" }.joined(separator: ", ")
    }
}
