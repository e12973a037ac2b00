internal import Domain
internal import Foundation
internal import GRDB
internal import Synchronization

/// The embedded database: one file in WAL mode, one writer, many readers (https://www.sqlite.org/wal.html).
package struct SQLiteDatabase: SQLDatabase {
    private let pool: DatabasePool
    private let counts = TransactionCounts()

    /// Opens or creates the file at `path`. Foreign keys are enforced; a commit survives a power cut.
    /// - Throws: `storageFailure`.
    package init(path: String) throws {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(10)
        configuration.maximumReaderCount = 4
        configuration.prepareDatabase { connection in
            try connection.execute(sql: "PRAGMA synchronous = FULL")
            // Of the file, in each connection, KiB: a large catalogue is looked into at many places for one list.
            try connection.execute(sql: "PRAGMA cache_size = -16000")
        }
        do {
            pool = try DatabasePool(path: path, configuration: configuration)
        } catch {
            throw platformError(from: error)
        }
    }

    package func read<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value {
        counts.reads.add(1, ordering: .relaxed)
        do {
            return try await pool.read { try body(SQLiteConnection(connection: $0)) }
        } catch {
            throw platformError(from: error)
        }
    }

    @discardableResult
    package func write<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value {
        counts.writes.add(1, ordering: .relaxed)
        defer { counts.endedWrites.add(1, ordering: .releasing) }
        do {
            return try await pool.write { try body(SQLiteConnection(connection: $0)) }
        } catch {
            throw platformError(from: error)
        }
    }

    /// Looks at some hundred rows of each index only: https://www.sqlite.org/lang_analyze.html#approx
    package func analyze() async throws {
        try await write { connection in
            _ = try connection.query("PRAGMA analysis_limit = 400")
            try connection.execute("ANALYZE")
        }
    }

    package var transactions: (reads: Int, writes: Int) {
        (counts.reads.load(ordering: .relaxed), counts.writes.load(ordering: .relaxed))
    }

    package var endedWrites: Int { counts.endedWrites.load(ordering: .acquiring) }

    package func close() async throws {
        do {
            try pool.close()
        } catch {
            throw platformError(from: error)
        }
    }
}

private final class TransactionCounts: Sendable {
    let reads = Atomic<Int>(0)
    let writes = Atomic<Int>(0)
    let endedWrites = Atomic<Int>(0)
}

/// A GRDB connection behind the portable protocol.
private struct SQLiteConnection: SQLConnection {
    let connection: GRDB.Database

    var dialect: SQLDialect { SQLDialect(blobType: "BLOB", claimSuffix: "") }

    func query(_ sql: String, _ values: [SQLValue]) throws -> [SQLRow] {
        do {
            let statement = try connection.cachedStatement(sql: sql)
            let names = statement.columnNames
            let columns = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
            let rows = try Row.fetchCursor(statement, arguments: arguments(values))
            var answer: [SQLRow] = []
            while let row = try rows.next() {
                answer.append(SQLRow(columns: columns, values: row.databaseValues.map(SQLValue.init)))
            }
            return answer
        } catch {
            throw platformError(from: error)
        }
    }

    func execute(_ sql: String, _ values: [SQLValue]) throws -> Int {
        do {
            try connection.cachedStatement(sql: sql).execute(arguments: arguments(values))
            return connection.changesCount
        } catch {
            throw platformError(from: error)
        }
    }

    /// - Throws: `invalidInput` for a text with a NUL, which SQLite would cut off there and PostgreSQL refuses.
    private func arguments(_ values: [SQLValue]) throws -> StatementArguments {
        for case .text(let text) in values where text.utf8.contains(0) {
            throw PlatformError(.invalidInput, "A text may not hold the character NUL.")
        }
        return StatementArguments(values.map(\.databaseValue))
    }
}

extension SQLValue {
    fileprivate var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .int(let number): number.databaseValue
        case .double(let number): number.databaseValue
        case .text(let text): text.databaseValue
        case .bool(let flag): flag.databaseValue
        case .blob(let bytes): Data(bytes).databaseValue
        }
    }

    fileprivate init(_ value: DatabaseValue) {
        switch value.storage {
        case .null: self = .null
        case .int64(let number): self = .int(number)
        case .double(let number): self = .double(number)
        case .string(let text): self = .text(text)
        case .blob(let data): self = .blob(Array(data))
        }
    }
}
