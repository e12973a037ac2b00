internal import ArgumentParser
internal import Domain
internal import Foundation

/// The program.
@main
struct MartletCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "martlet",
        abstract: "Hosts machine-learning models: upload a model file, get a scanned, versioned, documented prediction API.",
        subcommands: [
            ServeCommand.self, ScanCommand.self, EvaluateCommand.self, UsersCommand.self, AuditCommand.self, TokensCommand.self, KeysCommand.self, VerifyCommand.self,
            CleanupCommand.self,
            DoctorCommand.self,
            ConfigurationCommand.self,
        ]
    )

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let error as PlatformError {
            FileHandle.standardError.write(Data("martlet: \(error.message)\n".utf8))
            if let cause = error.cause { FileHandle.standardError.write(Data("  \(cause)\n".utf8)) }
            Foundation.exit(1)
        } catch {
            exit(withError: error)
        }
    }
}

/// Flags that every command with settings takes.
struct SettingFlags: ParsableArguments {
    @Option(help: "Folder for the database, model files and environments.")
    var dataDir: String?

    @Option(help: "A JSON file with settings below the key 'martlet'.")
    var config: String?

    func settings(_ more: [String: String?] = [:]) async throws -> ServerSettings {
        var flags = more.compactMapValues(\.self)
        flags[Setting.dataDir.key] = dataDir
        return try await ServerSettings(flags: flags, file: config)
    }
}
