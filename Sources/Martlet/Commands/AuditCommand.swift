internal import ArgumentParser
internal import Database
internal import Domain
internal import Foundation
internal import Store

/// `martlet audit verify`
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "audit", abstract: "Check the audit log.", subcommands: [Verify.self])

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Find any entry that was changed, moved or removed.",
            discussion: """
                Prints the place and the seal of the last entry. Kept elsewhere and given to --expect later, they show that nothing was cut \
                off at the end together with the record of it. Exits with 1 when something is wrong.
                """)

        @OptionGroup var flags: SettingFlags

        @Option(help: "PLACE:SEAL that an earlier check printed; that entry must still be there.")
        var expect: String?

        func run() async throws {
            let settings = try await flags.settings()
            let storage = try await Storage(try DataFolder(settings.dataDir), clock: SystemClock())
            let verdict = try await storage.audit.verify()
            let isExpected = try await holdsExpected(storage)
            try await storage.database.close()
            switch verdict {
            case .whole(let entries, let last, let seal):
                guard isExpected else {
                    throw PlatformError(.conflict, "The audit log is whole, but the expected entry is not in it: it was put back to an older state.")
                }
                FileHandle.standardOutput.write(Data("\(entries) entries are whole. Last: \(last):\(seal)\n".utf8))
            case .broken(let place, let reason):
                throw PlatformError(.conflict, "The audit log is broken at place \(place): \(reason).")
            }
        }

        private func holdsExpected(_ storage: Storage) async throws -> Bool {
            guard let expect else { return true }
            let parts = expect.split(separator: ":")
            guard parts.count == 2, let place = Int64(parts[0]) else { throw ValidationError("--expect: expected PLACE:SEAL") }
            var query = AuditQuery()
            query.before = place + 1
            query.limit = 1
            return try await storage.audit.records(query).first.map { $0.place == place && $0.seal == parts[1] } ?? false
        }
    }
}
