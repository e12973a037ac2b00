import Database
import Domain
import Foundation
import Testing
import TestSupport

@testable import Store

@Suite("The audit log")
struct AuditTests {
    private let clock = ManualClock()

    private func log(_ entries: Int, isBegun: Bool = true) async throws -> (database: SQLiteDatabase, audit: SQLAuditRepository) {
        let database = try SQLiteDatabase(path: FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).sqlite").path)
        try await Migrator(Schema.migrations).migrate(database, at: clock.now)
        let audit = SQLAuditRepository(database, key: Array(repeating: 5, count: 32))
        if isBegun { try await audit.begin() }
        for number in 0..<entries {
            clock.advance(seconds: 1)
            try await audit.append(
                AuditEntry(action: "a\(number)", resourceType: "t", resourceID: "r", userID: nil, details: .object(["n": .int(number)]), at: clock.now))
        }
        return (database, audit)
    }

    @Test("A log that nobody touched is whole, also after its old end went")
    func whole() async throws {
        let (_, audit) = try await log(10)
        guard case .whole(10, 10, _) = try await audit.verify() else { return #expect(Bool(false)) }
        #expect(try await audit.remove(before: clock.now.adding(seconds: -5)) == 4)
        guard case .whole(6, 10, _) = try await audit.verify() else { return #expect(Bool(false)) }
        #expect(try await audit.remove(before: clock.now.adding(seconds: 1)) == 6)
        try await audit.append(AuditEntry(action: "next", resourceType: "t", resourceID: "r", userID: nil, at: clock.now))
        guard case .whole(1, 11, _) = try await audit.verify() else { return #expect(Bool(false)) }
    }

    /// What somebody who can write the database may try, and the place where it is seen.
    enum Change: String, CaseIterable, Sendable {
        case field = "UPDATE audit_log SET action = 'other' WHERE seq = 4"
        case details = "UPDATE audit_log SET details_json = '{\"n\":9}' WHERE seq = 4"
        case time = "UPDATE audit_log SET created_at = created_at + 1 WHERE seq = 4"
        case user = "UPDATE audit_log SET user_id = 'usr_x' WHERE seq = 4"
        case gap = "DELETE FROM audit_log WHERE seq = 4"
        case closedGap = "DELETE FROM audit_log WHERE seq = 4; UPDATE audit_log SET seq = seq - 1 WHERE seq > 4"
        case swapped = "UPDATE audit_log SET seq = 99 WHERE seq = 4; UPDATE audit_log SET seq = 4 WHERE seq = 5; UPDATE audit_log SET seq = 5 WHERE seq = 99"
        case cutOff = "DELETE FROM audit_log WHERE seq > 3"
        case cutOffWithEnd = "DELETE FROM audit_log WHERE seq > 3; UPDATE audit_ends SET seq = 3, seal = (SELECT seal FROM audit_log WHERE seq = 3)"
        case beginning = "DELETE FROM audit_log WHERE seq < 4"
        case emptied = "DELETE FROM audit_log; DELETE FROM audit_ends"
        case unsealed = "UPDATE audit_log SET seq = NULL, seal = NULL; DELETE FROM audit_ends"
        case doubled =
            "DROP INDEX audit_log_seq; INSERT INTO audit_log (id, action, resource_type, resource_id, created_at, seq, seal) SELECT 'audit_z', 'x', resource_type, resource_id, created_at, seq, seal FROM audit_log WHERE seq = 10"
        case inserted = "INSERT INTO audit_log (id, action, resource_type, resource_id, created_at) VALUES ('audit_x', 'a', 't', 'r', 0)"
        case copied =
            "INSERT INTO audit_log (id, action, resource_type, resource_id, created_at, seq, seal) SELECT 'audit_y', action, resource_type, resource_id, created_at, 11, seal FROM audit_log WHERE seq = 10"
    }

    @Test("Every change is found", arguments: Change.allCases)
    func found(change: Change) async throws {
        let (database, audit) = try await log(10)
        try await database.write { connection in
            for statement in change.rawValue.split(separator: ";") { try connection.execute(String(statement)) }
        }
        guard case .broken = try await audit.verify() else { return #expect(Bool(false), "\(change)") }
    }

    @Test("An entry that was made to look old takes nothing with it")
    func aged() async throws {
        let (database, audit) = try await log(10)
        try await database.write { try $0.execute("UPDATE audit_log SET created_at = 0 WHERE seq = 7") }
        #expect(try await audit.remove(before: clock.now.adding(seconds: -8)) == 1)
        await #expect(throws: PlatformError.self) { try await audit.remove(before: clock.now.adding(seconds: 1)) }
        guard case .broken(7, _) = try await audit.verify() else { return #expect(Bool(false)) }
    }

    @Test("Another key makes no seal that fits")
    func key() async throws {
        let (database, audit) = try await log(3)
        let forger = SQLAuditRepository(database, key: Array(repeating: 6, count: 32))
        try await forger.append(AuditEntry(action: "forged", resourceType: "t", resourceID: "r", userID: nil, at: clock.now))
        guard case .broken = try await audit.verify() else { return #expect(Bool(false)) }
    }

    @Test("Entries from before the log was sealed get their place once")
    func older() async throws {
        let (database, audit) = try await log(0, isBegun: false)
        try await database.write { connection in
            for number in 0..<3 {
                try connection.execute(
                    "INSERT INTO audit_log (id, action, resource_type, resource_id, created_at) VALUES (?, 'a', 't', 'r', ?)",
                    [.text("audit_\(number)"), .int(Int64(10 - number))])
            }
        }
        try await audit.begin()
        guard case .whole(3, 3, _) = try await audit.verify() else { return #expect(Bool(false)) }
        #expect(try await audit.records(AuditQuery()).map(\.id) == ["audit_0", "audit_1", "audit_2"])
        try await audit.append(AuditEntry(action: "next", resourceType: "t", resourceID: "r", userID: nil, at: clock.now))
        guard case .whole(4, 4, _) = try await audit.verify() else { return #expect(Bool(false)) }
    }

    @Test("Entries that are written at once all have a place")
    func parallel() async throws {
        let (_, audit) = try await log(0)
        let now = clock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<50 {
                group.addTask {
                    try await audit.append(AuditEntry(action: "a\(number)", resourceType: "t", resourceID: "r", userID: nil, at: now))
                }
            }
            try await group.waitForAll()
        }
        guard case .whole(50, 50, _) = try await audit.verify() else { return #expect(Bool(false)) }
        var query = AuditQuery()
        query.limit = 20
        query.before = 31
        #expect(try await audit.records(query).map(\.place) == (11...30).reversed().map(Int64.init))
    }
}
