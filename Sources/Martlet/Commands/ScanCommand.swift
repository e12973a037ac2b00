internal import ArgumentParser
internal import Domain
internal import Formats
internal import Foundation

/// `martlet scan`: the server's judgement for people without a server.
struct ScanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scan",
        abstract: "Judge model files without running them.",
        discussion: "Exit status: 0 all passed, 1 a warning, 2 a file failed, 3 a file could not be opened or is no model."
    )

    @Argument(help: "Model files.")
    var files: [String] = []

    @Flag(help: "One JSON document for each file, a line each.")
    var json = false

    @Flag(help: "SARIF 2.1.0 for all files, for code-scanning pipelines.")
    var sarif = false

    @Flag(help: "Print the page of all rules.")
    var rules = false

    func validate() throws {
        if files.isEmpty, !rules { throw ValidationError("Expected at least one file.") }
        if json, sarif { throw ValidationError("Give --json or --sarif, not both.") }
    }

    func run() async throws {
        guard !rules else { return Self.write(ScanRule.page) }
        let results = files.map(ScanResult.init)
        if sarif {
            Self.write(try SarifLog.text(of: results))
        } else {
            for result in results { Self.write(try json ? result.json : result.table) }
        }
        let status = results.map(\.exitStatus).max() ?? 0
        if status != 0 { throw ExitCode(status) }
    }

    private static func write(_ text: String) {
        FileHandle.standardOutput.write(Data(text.utf8))
    }
}
