internal import Hummingbird

/// Hummingbird's own `hello`, to be measured beside the server: the port is the only argument.
@main
struct Hello {
    static func main() async throws {
        let router = Router()
        router.get("hello") { _, _ in "Hello" }
        let port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 8080
        try await Application(router: router, configuration: .init(address: .hostname("127.0.0.1", port: port))).runService()
    }
}
