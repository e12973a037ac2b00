internal import Access
internal import ArgumentParser
internal import Database
internal import Domain
internal import Foundation
internal import Glibc
internal import Logging
internal import Store

/// `martlet users create|list|update`: works beside a running server, which sees the change within a second.
struct UsersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "users", abstract: "Manage accounts.", subcommands: [Create.self, List.self, Update.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make an account. The password is read from MARTLET_PASSWORD or asked for."
        )

        @OptionGroup var flags: SettingFlags

        @Option(help: "Email address to log in with.")
        var email: String

        @Option(help: "Name shown to others; the part before the @ when left out.")
        var username: String?

        @Option(help: "admin, developer, viewer, or a role made over the API.")
        var role = "developer"

        func run() async throws {
            try await OpenedAccess.use(flags) { access, _ in
                let role = try await access.roles.role(named: role)
                let name = username ?? String(email.prefix { $0 != "@" })
                let user = try await access.accounts.add(email: email, username: name, password: try password(), role: role.name)
                UsersCommand.print(user)
            }
        }

        private func password() throws -> String {
            if let password = ProcessInfo.processInfo.environment["MARTLET_PASSWORD"] { return password }
            guard isatty(0) == 1, let typed = unsafe getpass("Password: ") else {
                throw ValidationError("No terminal to ask for the password. hint: set MARTLET_PASSWORD.")
            }
            return unsafe String(cString: typed)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the accounts, newest first.")

        @OptionGroup var flags: SettingFlags

        func run() async throws {
            try await OpenedAccess.use(flags) { _, storage in
                var query = UserQuery()
                query.limit = 200
                while true {
                    let users = try await storage.users.users(query).users
                    users.forEach(UsersCommand.print)
                    guard let last = users.last, users.count == query.limit else { return }
                    query.after = ModelQuery.Cursor(createdAt: last.createdAt, id: last.id.rawValue)
                }
            }
        }
    }

    struct Update: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Change the role of an account, or switch it off and on.")

        @OptionGroup var flags: SettingFlags

        @Option(help: "Email address of the account.")
        var email: String

        @Option(help: "admin, developer, viewer, or a role made over the API.")
        var role: String?

        @Flag(help: "Switch the account off: its logins and keys are refused.")
        var deactivate = false

        @Flag(help: "Switch it on again.")
        var activate = false

        func validate() throws {
            if activate, deactivate { throw ValidationError("--activate and --deactivate cannot both be given.") }
        }

        func run() async throws {
            try await OpenedAccess.use(flags) { access, storage in
                guard var user = try await storage.users.credentials(of: email.lowercased())?.user else {
                    throw PlatformError(.notFound, "No account '\(email)'.")
                }
                let before = user
                if let role { user.role = try await access.roles.role(named: role).name }
                if activate || deactivate { user.isActive = activate }
                try await storage.users.update(user, from: before)
                let now = SystemClock().now
                if !user.isActive { _ = try await storage.sessions.endAll(of: user.id, except: nil, at: now) }
                try await storage.audit.append(
                    AuditEntry(
                        action: "user.updated", resourceType: "user", resourceID: user.id.rawValue, userID: nil,
                        details: .object(["by": "command line", "role": .string(user.role.rawValue), "is_active": .bool(user.isActive)]), at: now))
                UsersCommand.print(user)
            }
        }
    }

    private static func print(_ user: User) {
        FileHandle.standardOutput.write(Data("\(user.id) \(user.email) \(user.role)\(user.isActive ? "" : " (inactive)")\n".utf8))
    }
}

/// The accounts of a data folder, for a command.
private enum OpenedAccess {
    static func use(_ flags: SettingFlags, _ body: (AccessServices, Storage) async throws -> Void) async throws {
        let settings = try await flags.settings()
        let clock = SystemClock()
        let data = try DataFolder(settings.dataDir)
        let storage = try await Storage(data, clock: clock)
        let access = await AccessServices(
            storage.access, tokenKeys: try data.tokenKeys().map { AccessTokens.Key(id: $0.id, secret: $0.secret) }, policy: settings.access, clock: clock,
            logger: Logger(label: "martlet"))
        try await body(access, storage)
        try await storage.database.close()
    }
}
