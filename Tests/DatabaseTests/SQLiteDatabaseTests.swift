import Domain
import Foundation
import Testing

@testable import Database

@Suite("SQLite behind the portable layer")
struct SQLiteDatabaseTests {
    private func database() throws -> SQLiteDatabase {
        try SQLiteDatabase(path: FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).sqlite").path)
    }

    @Test("Every type comes back as it went in")
    func types() async throws {
        let database = try database()
        try await database.write { try $0.execute("CREATE TABLE t (i BIGINT, d DOUBLE PRECISION, s TEXT, b BOOLEAN, x BLOB, n TEXT)") }
        try await database.write { connection in
            try connection.execute("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?)", [.int(.max), .double(0.1), .text("é'\""), .bool(true), .blob([0, 255]), .null])
        }
        let row = try await database.read { try #require(try $0.first("SELECT * FROM t", [])) }
        #expect(try row.int("i") == .max && row.double("d") == 0.1 && row.text("s") == "é'\"" && row.bool("b") && row.optionalText("n") == nil)
        #expect(throws: PlatformError.self) { try row.text("i") }
        #expect(throws: PlatformError.self) { try row.text("missing") }
    }

    @Test("A text with a NUL is refused, not cut off")
    func nul() async throws {
        let error = await #expect(throws: PlatformError.self) { try await database().read { _ = try $0.query("SELECT ?", [.text("a\u{0}b")]) } }
        #expect(error?.code == .invalidInput)
    }

    @Test("A transaction that throws leaves nothing; a broken constraint is a conflict")
    func transactions() async throws {
        struct Stop: Error {}
        let database = try database()
        try await database.write { try $0.execute("CREATE TABLE t (id TEXT PRIMARY KEY)") }
        await #expect(throws: Stop.self) {
            try await database.write { connection in
                try connection.execute("INSERT INTO t VALUES ('a')")
                throw Stop()
            }
        }
        #expect(try await database.read { try $0.query("SELECT * FROM t").count } == 0)
        try await database.write { try $0.execute("INSERT INTO t VALUES ('a')") }
        let error = await #expect(throws: PlatformError.self) { try await database.write { try $0.execute("INSERT INTO t VALUES ('a')") } }
        #expect(error?.code == .conflict)
        let syntax = await #expect(throws: PlatformError.self) { try await database.read { _ = try $0.query("SELEKT") } }
        #expect(syntax?.code == .storageFailure && syntax?.message.contains("SELEKT") == false)
    }
}
