import Domain
import Files
import Foundation
import NIOCore
import NIOPosix
import Testing

@testable import Pipeline

@Suite("The virus scanner")
struct AntivirusTests {
    @Test("A scanner that takes the file and never answers is not waited for, and the file has not passed", .timeLimit(.minutes(1)))
    func silent() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("model.pkl")
        try Data([0x80, 4, 0x2e]).write(to: file)
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton).bind(unixDomainSocketPath: folder.appendingPathComponent("s").path).get()
        let scanner = try Antivirus(folder.appendingPathComponent("s").path, patience: .milliseconds(200))
        let failure = await #expect(throws: PlatformError.self) {
            _ = try await scanner.judge(StoredFile(path: file.path, keys: FolderKeys(root: folder.path)))
        }
        #expect(failure?.code == .unavailable)
        try await listener.close()
    }
}
