internal import ArgumentParser
internal import Foundation
internal import Store

/// `martlet tokens rotate`
struct TokensCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "tokens", abstract: "Manage the keys that sign access tokens.", subcommands: [Rotate.self])

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make the next key. A server signs with it from its next start on, and nobody is logged out.")

        @OptionGroup var flags: SettingFlags

        func run() async throws {
            let id = try DataFolder(try await flags.settings().dataDir).addTokenKey()
            FileHandle.standardOutput.write(Data("Key \(id) signs from the next start of the server on.\n".utf8))
        }
    }
}
