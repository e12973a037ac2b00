import Crypto
package import Domain

/// One step in the history of the schema. Once released it never changes.
package struct Migration: Sendable {
    package let id: String
    package let statements: [String]

    package init(_ id: String, _ statements: [String]) {
        self.id = id
        self.statements = statements
    }

    /// SHA-256 over the statements, hexadecimal.
    var checksum: String {
        var hash = SHA256()
        for statement in statements {
            hash.update(data: Array(statement.utf8))
            hash.update(data: [0])
        }
        return hash.finalize().hexadecimal
    }
}

/// Brings a database to the newest schema, or refuses when its history is not ours.
package struct Migrator: Sendable {
    private let migrations: [Migration]

    package init(_ migrations: [Migration]) {
        self.migrations = migrations
    }

    /// Applies what is missing, each migration in its own transaction.
    ///
    /// - Throws: `storageFailure` when an applied migration was changed afterwards, is unknown to this program (the data
    ///   is of a newer one), or is missing in the middle of the history.
    package func migrate(_ database: any SQLDatabase, at now: Timestamp) async throws {
        try await database.write { connection in
            try connection.execute(
                "CREATE TABLE IF NOT EXISTS schema_migrations (id TEXT PRIMARY KEY, checksum TEXT NOT NULL, applied_at BIGINT NOT NULL)"
            )
        }
        let applied = try await database.read { connection in
            try connection.query("SELECT id, checksum FROM schema_migrations ORDER BY id").map { (try $0.text("id"), try $0.text("checksum")) }
        }
        try check(applied)
        for migration in migrations.dropFirst(applied.count) {
            try await database.write { connection in
                for statement in migration.statements {
                    try connection.execute(statement)
                }
                try connection.execute(
                    "INSERT INTO schema_migrations (id, checksum, applied_at) VALUES (?, ?, ?)",
                    [.text(migration.id), .text(migration.checksum), .int(now.milliseconds)]
                )
            }
        }
    }

    private func check(_ applied: [(id: String, checksum: String)]) throws {
        for (index, (id, checksum)) in applied.enumerated() {
            guard index < migrations.count, migrations[index].id == id else {
                throw PlatformError(
                    .storageFailure,
                    "The database has the migration '\(id)', which this program does not know at that place. hint: it was written by a newer version."
                )
            }
            guard migrations[index].checksum == checksum else {
                throw PlatformError(
                    .storageFailure,
                    "The migration '\(id)' was changed after it was applied. hint: restore its text and add a new migration."
                )
            }
        }
    }
}
