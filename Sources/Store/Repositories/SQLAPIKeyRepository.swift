package import Database
package import Domain

/// API keys in SQL. A revoked key keeps its row, for the record.
package struct SQLAPIKeyRepository: APIKeyRepository {
    private let database: any SQLDatabase

    package init(_ database: any SQLDatabase) {
        self.database = database
    }

    package func add(_ key: APIKey) async throws {
        let scope = try key.scope.map { try SQLJSON.text($0.document) }
        try await database.write { connection in
            try connection.execute(
                """
                INSERT INTO api_keys (id, user_id, name, hint, key_hash, expires_at, is_active, created_at, scope_json, parent_id)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    .text(key.id.rawValue), .text(key.userID.rawValue), .text(key.name), .text(key.hint), .text(key.hash),
                    .optional(key.expiresAt?.milliseconds), .bool(key.isActive), .int(key.createdAt.milliseconds), .optional(scope), .optional(key.parentID?.rawValue),
                ]
            )
            try AccessChanges.count(connection)
        }
    }

    package func keys(of user: UserID) async throws -> [APIKey] {
        try await database.read { connection in
            try connection.query("SELECT * FROM api_keys WHERE user_id = ? ORDER BY created_at DESC, id DESC", [.text(user.rawValue)])
                .map { try APIKey(row: $0) }
        }
    }

    package func key(_ id: KeyID) async throws -> APIKey? {
        try await database.read { connection in
            try connection.first("SELECT * FROM api_keys WHERE id = ?", [.text(id.rawValue)]).map { try APIKey(row: $0) }
        }
    }

    package func update(_ key: APIKey) async throws {
        let scope = try key.scope.map { try SQLJSON.text($0.document) }
        try await database.write { connection in
            try connection.execute(
                "UPDATE api_keys SET name = ?, is_active = ?, scope_json = ? WHERE id = ?",
                [.text(key.name), .bool(key.isActive), .optional(scope), .text(key.id.rawValue)]
            )
            try AccessChanges.count(connection)
        }
    }

    package func revoke(_ id: KeyID) async throws -> [APIKey] {
        try await database.write { connection in
            // A chain of keys is as long as somebody made it; each is in it once.
            var (revoked, next) = ([String](), [id.rawValue])
            while let current = next.popLast() {
                revoked.append(current)
                next += try connection.query("SELECT id FROM api_keys WHERE parent_id = ?", [.text(current)]).map { try $0.text("id") }
                try connection.execute("UPDATE api_keys SET is_active = FALSE WHERE id = ?", [.text(current)])
            }
            try AccessChanges.count(connection)
            return try revoked.compactMap { try connection.first("SELECT * FROM api_keys WHERE id = ?", [.text($0)]).map { try APIKey(row: $0) } }
        }
    }

    package func activeKeys() async throws -> [APIKey] {
        try await database.read { connection in
            try connection.query("SELECT * FROM api_keys WHERE is_active = TRUE").map { try APIKey(row: $0) }
        }
    }

    package func touch(_ uses: [KeyID: Timestamp]) async throws {
        try await database.write { connection in
            for (id, moment) in uses {
                try connection.execute("UPDATE api_keys SET last_used_at = ? WHERE id = ?", [.int(moment.milliseconds), .text(id.rawValue)])
            }
        }
    }
}

extension APIKey {
    fileprivate init(row: SQLRow) throws {
        self.init(
            id: KeyID(stored: try row.text("id")),
            userID: UserID(stored: try row.text("user_id")),
            name: try row.text("name"),
            hint: try row.text("hint"),
            hash: try row.text("key_hash"),
            parentID: try row.optionalText("parent_id").map(KeyID.init(stored:)),
            scope: try SQLJSON.optional(JSONValue.self, from: try row.optionalText("scope_json")).flatMap(KeyScope.init(document:)),
            expiresAt: try row.optionalInt("expires_at").map(Timestamp.init(milliseconds:)),
            isActive: try row.bool("is_active"),
            createdAt: Timestamp(milliseconds: try row.int("created_at")),
            lastUsedAt: try row.optionalInt("last_used_at").map(Timestamp.init(milliseconds:))
        )
    }
}
