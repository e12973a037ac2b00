package import Database
import Domain

/// Counts the changes of accounts, roles, groups, keys and permissions, in the transaction that makes them.
package struct AccessChanges: AccessChangeRepository {
    private let database: any SQLDatabase

    package init(_ database: any SQLDatabase) {
        self.database = database
    }

    package func count() async throws -> Int64 {
        try await database.read { try $0.first("SELECT count FROM access_changes WHERE id = 1", [])?.int("count") ?? 0 }
    }

    static func count(_ connection: any SQLConnection) throws {
        try connection.execute("UPDATE access_changes SET count = count + 1 WHERE id = 1")
    }
}
