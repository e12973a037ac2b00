internal import Access
internal import ArgumentParser
internal import Database
internal import Domain
internal import Foundation
internal import Glibc
internal import Store

/// `martlet users create`
struct UsersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "users", abstract: "Manage accounts.", subcommands: [Create.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make an account. The password is read from MARTLET_PASSWORD or asked for."
        )

        @OptionGroup var flags: SettingFlags

        @Option(help: "Email address to log in with.")
        var email: String

        @Option(help: "Name shown to others; the part before the @ when left out.")
        var username: String?

        @Option(help: "admin, developer or viewer.")
        var role = "developer"

        func run() async throws {
            guard let role = User.Role(rawValue: role) else { throw ValidationError("--role: expected admin, developer or viewer, found '\(role)'") }
            let settings = try await flags.settings()
            let clock = SystemClock()
            let data = try DataFolder(settings.dataDir)
            let storage = try await Storage(data, clock: clock)
            let accounts = try await Accounts(storage, data, clock: clock).accounts
            let name = username ?? String(email.prefix { $0 != "@" })
            let user = try await accounts.register(email: email, username: name, password: try password(), role: role)
            FileHandle.standardOutput.write(Data("\(user.id) \(user.email) \(user.role.rawValue)\n".utf8))
            try await storage.database.close()
        }

        private func password() throws -> String {
            if let password = ProcessInfo.processInfo.environment["MARTLET_PASSWORD"] { return password }
            guard isatty(0) == 1, let typed = unsafe getpass("Password: ") else {
                throw ValidationError("No terminal to ask for the password. hint: set MARTLET_PASSWORD.")
            }
            return unsafe String(cString: typed)
        }
    }
}
