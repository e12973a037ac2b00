/// A connection inside a transaction. Statements use `?` placeholders and the SQL that both engines understand.
package protocol SQLConnection {
    var dialect: SQLDialect { get }

    /// Runs a statement and reads all its rows.
    /// - Throws: `conflict` when a unique constraint is broken, `storageFailure` otherwise.
    func query(_ sql: String, _ values: [SQLValue]) throws -> [SQLRow]

    /// Runs a statement.
    /// - Returns: The number of rows it changed.
    @discardableResult
    func execute(_ sql: String, _ values: [SQLValue]) throws -> Int
}

extension SQLConnection {
    package func query(_ sql: String) throws -> [SQLRow] { try query(sql, []) }

    @discardableResult
    package func execute(_ sql: String) throws -> Int { try execute(sql, []) }

    package func first(_ sql: String, _ values: [SQLValue]) throws -> SQLRow? { try query(sql, values).first }
}

/// The few places where the engines need different words.
package struct SQLDialect: Sendable {
    /// Type of a column of bytes: `BLOB` or `BYTEA`.
    package let blobType: String
    /// Follows the `SELECT` that claims a row of a queue: empty, or `FOR UPDATE SKIP LOCKED`.
    package let claimSuffix: String

    package init(blobType: String, claimSuffix: String) {
        self.blobType = blobType
        self.claimSuffix = claimSuffix
    }
}

/// A database that runs closures inside transactions, on threads where blocking is allowed.
///
/// A driver for another engine conforms to this and to ``SQLConnection``; no repository changes.
package protocol SQLDatabase: Sendable {
    /// Runs `body` on a consistent snapshot.
    func read<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value
    /// Runs `body` in a transaction that is rolled back when it throws.
    @discardableResult
    func write<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value
    /// Learns how large the tables have become, for the ways that are taken to their rows.
    func analyze() async throws
    /// How many transactions were begun, that read and that write.
    var transactions: (reads: Int, writes: Int) { get }
    /// How many transactions that write have ended: as long as it stays, this process has changed nothing.
    var endedWrites: Int { get }
    /// Ends all connections once the running transactions are done.
    func close() async throws
}
