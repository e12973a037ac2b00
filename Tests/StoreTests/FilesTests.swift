import Crypto
import Domain
import Files
import Foundation
import NIOCore
import Testing
import TestSupport

@testable import Store

@Suite("Stored files")
struct FilesTests {
    private let clock = ManualClock()

    private func data() throws -> DataFolder {
        try DataFolder(FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID())").path)
    }

    @Test("A file is hashed while it is written, whatever the pieces", arguments: [1, 1000, 70_000, 3_000_000])
    func hashes(piece: Int) async throws {
        let staged = try StagedUpload(in: VersionFiles(try data()), at: clock.now)
        let content = (0..<2_500_000).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 7) }
        var writer = try await staged.writer(for: "model.part")
        let step = piece == 1 ? 999_983 : piece
        for start in stride(from: 0, to: content.count, by: step) {
            try await writer.append(ByteBuffer(bytes: content[start..<min(content.count, start + step)]))
        }
        let hash = try await writer.finish()
        #expect(writer.size == 2_500_000)
        #expect(try staged.file("model.part").contents() == content)
        #expect(SHA256.hash(data: content).hexadecimal == hash)
    }

    @Test("A sweep removes what no row knows and keeps the rest")
    func sweep() throws {
        let data = try data()
        let manager = FileManager.default
        for folder in ["uploads/upload_1", "models/u/m1/v1", "models/u/m1/v2", "models/u/m2/v1"] {
            try manager.createDirectory(atPath: data.path(folder), withIntermediateDirectories: true)
        }
        let files = VersionFiles(data)
        #expect(files.sweepUploads() + files.sweep(files.modelFolders().joined(), known: ["models/u/m1/v1"]) == 4)
        #expect(manager.fileExists(atPath: data.path("models/u/m1/v1")))
        for folder in ["uploads/upload_1", "models/u/m1/v2", "models/u/m2"] { #expect(!manager.fileExists(atPath: data.path(folder))) }
    }

    @Test("The data folder is closed to others, its secrets too, and taken by one server")
    func folder() throws {
        let data = try data()
        func permissions(_ path: String) throws -> Int? { try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int }
        #expect(try permissions(data.root) == 0o711, "others pass, and see no names")
        for folder in ["models", "uploads", "secrets"] { #expect(try permissions(data.path(folder)) == 0o700) }
        #expect(try permissions(data.database) == 0o600)
        let secret = try data.secret("jwt.key")
        #expect(secret.count == 32)
        #expect(try data.secret("jwt.key") == secret)
        let lock = try data.lock()
        #expect(throws: PlatformError.self) { try data.lock() }
        close(lock)
    }
}
