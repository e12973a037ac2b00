internal import ArgumentParser
internal import Foundation

/// `martlet serve`
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "serve", abstract: "Run the server.")

    @OptionGroup var flags: SettingFlags

    @Option(help: "Address to listen on.")
    var host: String?

    @Option(help: "Port to listen on; 0 takes a free one.")
    var port: Int?

    func run() async throws {
        let settings = try await flags.settings([Setting.host.key: host, Setting.port.key: port.map(String.init)])
        try await Composition(settings).serve { port in
            FileHandle.standardOutput.write(Data("Martlet listens on \(settings.tls == nil ? "http" : "https")://\(settings.host):\(port)\n".utf8))
        }
    }
}
