import Domain
import Foundation
import Testing

@testable import Files

@Suite("Sealed files")
struct SealingTests {
    private static let chunk = SealedLayout.chunk + SealedLayout.tag
    private let key = FileKey()

    private func sealed(_ content: [UInt8], role: String = "model", pieces: Int = .max) throws -> [UInt8] {
        var sealer = Sealer(key, role: role)
        var bytes = sealer.header
        var rest = content[...]
        while !rest.isEmpty {
            bytes += try unsafe rest.prefix(pieces).withUnsafeBytes { unsafe try sealer.seal($0) }
            rest = rest.dropFirst(pieces)
        }
        return bytes + (try sealer.finish())
    }

    private func opened(_ bytes: [UInt8], role: String = "model", by key: FileKey? = nil) throws -> [UInt8] {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let file = try SealedBytes(try FileBytes(path: path), key: key ?? self.key, role: role)
        var content: [UInt8] = []
        try unsafe file.forEachPiece(of: 100_000) { unsafe content.append(contentsOf: $0) }
        #expect(file.count == content.count)
        return content
    }

    @Test("What was sealed is opened, whatever its size and pieces", arguments: [0, 1, 65_535, 65_536, 65_537, 131_072, 300_001], [1000, 65_536, 99_999, Int.max])
    func roundTrip(size: Int, pieces: Int) throws {
        let content = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 7) }
        let bytes = try sealed(content, pieces: pieces)
        #expect(bytes.count == SealedLayout.header + size + max(1, (size + 65_535) / 65_536) * SealedLayout.tag)
        #expect(try opened(bytes) == content)
    }

    @Test("Any place is read, across chunks")
    func anywhere() throws {
        let content = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 7 ^ $0 >> 9) }
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(try sealed(content)).write(to: URL(fileURLWithPath: path))
        let file = try SealedBytes(try FileBytes(path: path), key: key, role: "model")
        for (start, count) in [(0, 10), (65_530, 20), (131_000, 69_000), (199_990, 50), (70_000, 1)] {
            #expect(try file.bytes(at: Int64(start), count: count) == Array(content[start..<min(content.count, start + count)]))
        }
    }

    @Test("Every change is seen: bits, order, length, exchange")
    func tampering() throws {
        let content = [UInt8](repeating: 7, count: 3 * SealedLayout.chunk)
        let good = try sealed(content)
        let other = try sealed(content)
        #expect(good != other, "a file is never sealed the same way twice")
        let (header, one, two, three) = (
            good[..<32], good[32..<32 + Self.chunk], good[32 + Self.chunk..<32 + 2 * Self.chunk], good[(32 + 2 * Self.chunk)...]
        )
        var flipped = good
        flipped[100] ^= 1
        var salted = good
        salted[20] ^= 1
        let cases: [(String, [UInt8])] = [
            ("a bit", flipped), ("the salt", salted), ("two chunks exchanged", Array(header + two + one + three)), ("the last chunk cut", Array(header + one + two)),
            ("the middle left out", Array(header + one + three)), ("a chunk twice", Array(header + one + one + two + three)), ("cut inside", Array(good.dropLast(5))),
            ("only the header", Array(header)), ("bytes behind", good + [0]), ("a chunk of another file", Array(header + other[32..<32 + Self.chunk] + two + three)),
            ("no header", content),
        ]
        for (name, bytes) in cases { #expect(throws: SealedBytes.Broken.self, "\(name)") { try opened(bytes) } }
        #expect(throws: SealedBytes.Broken.self, "another file of the folder") { try opened(good, role: "custom_api") }
        #expect(throws: SealedBytes.Broken.self, "another folder's key") { try opened(good, by: FileKey()) }
        #expect(try opened(good) == content)
    }

    @Test("A folder's key opens in its own place, by any master key that is given; rotation writes the key alone anew")
    func folders() throws {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID())").path
        for name in ["a", "b", "c"] { try FileManager.default.createDirectory(atPath: "\(root)/\(name)", withIntermediateDirectories: true) }
        defer { try? FileManager.default.removeItem(atPath: root) }
        let (first, second) = (MasterKeys.makeText(), MasterKeys.makeText())
        let keys = FolderKeys(root: root, master: try MasterKeyring(text: first), sealsNew: true)
        let made = try #require(try keys.make(in: "\(root)/a"))
        try DurableFile.write([1, 2, 3], sealedBy: Sealer(made, role: "model"), to: "\(root)/a/model.pkl")
        let file = StoredFile(path: "\(root)/a/model.pkl", keys: keys)
        #expect(try file.contents() == [1, 2, 3])

        try FileManager.default.copyItem(atPath: "\(root)/a/data.key", toPath: "\(root)/b/data.key")
        #expect(throws: PlatformError.self, "a key that was copied to another folder") { try keys.key(of: "\(root)/b") }
        #expect(throws: PlatformError.self) { try FolderKeys(root: root).key(of: "\(root)/a") }
        #expect(throws: PlatformError.self) { try FolderKeys(root: root, master: try MasterKeyring(text: second)).key(of: "\(root)/a") }
        #expect(try keys.key(of: "\(root)/c") == nil)

        let sealedBefore = try Data(contentsOf: URL(fileURLWithPath: file.path))
        let both = FolderKeys(root: root, master: try MasterKeyring(text: "\(second),\(first)"))
        #expect(try StoredFile(path: file.path, keys: both).contents() == [1, 2, 3])
        #expect(try both.rewrap("\(root)/a"))
        #expect(try !both.rewrap("\(root)/a"))
        let new = FolderKeys(root: root, master: try MasterKeyring(text: second))
        #expect(try StoredFile(path: file.path, keys: new).contents() == [1, 2, 3])
        #expect(throws: PlatformError.self) { try file.contents() }
        #expect(try Data(contentsOf: URL(fileURLWithPath: file.path)) == sealedBefore)
        try new.bind("\(root)/a", to: "\(root)/d")
        try DurableFile.rename("\(root)/a", to: "\(root)/d")
        #expect(try StoredFile(path: "\(root)/d/model.pkl", keys: new).contents() == [1, 2, 3])
    }

    @Test(
        "Master keys are 64 hexadecimal characters in a file of one's own", arguments: ["", "abc", String(repeating: "g", count: 64), String(repeating: "a", count: 63)])
    func masterKeys(text: String) throws {
        #expect(throws: PlatformError.self) { try MasterKeys(text) }
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(MasterKeys.makeText().utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        #expect(throws: PlatformError.self, "others may read it") { try MasterKeyring(path: path) }
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        _ = try MasterKeyring(path: path)
    }
}
