import Domain
import Files
import Foundation
import Testing
import TestSupport

@testable import Formats

/// Files of every format, made by the real libraries, and files that attack their loaders; `expected.json` says what each is.
@Suite("Files of every format")
struct EveryFormatTests {
    struct Expectation: Decodable {
        let format: String
        let verdict: String
        let rule: String?
    }

    static let expected: [String: Expectation] = {
        let data = FileManager.default.contents(atPath: Fixture.path("formats/expected.json")) ?? Data()
        return (try? JSONDecoder().decode([String: Expectation].self, from: data)) ?? [:]
    }()

    private func scan(_ bytes: any RandomAccess) throws -> ScannedArtifact {
        try ArtifactScanner().scan(bytes, limits: ScanLimits(fileSize: bytes.count))
    }

    @Test("The list of expectations is there")
    func list() {
        #expect(Self.expected.count > 100)
    }

    @Test("Each file is told by its content and judged as expected", arguments: expected.keys.sorted())
    func judged(name: String) throws {
        let expectation = try #require(Self.expected[name])
        let artifact = try scan(try FileBytes(path: Fixture.path("formats/\(name)")))
        #expect(artifact.format.rawValue == expectation.format)
        #expect(artifact.verdict.rawValue == expectation.verdict, "\(artifact.findings)")
        if let rule = expectation.rule {
            #expect(artifact.findings.contains { $0.rule == rule }, "\(artifact.findings)")
        } else {
            #expect(artifact.findings.allSatisfy { $0.severity <= .low })
        }
        for finding in artifact.findings { #expect(ScanRule.all.contains { $0.id == finding.rule }) }
    }

    /// Formats whose end is marked or counted; the others (a protobuf, a CatBoost frame) may end at many places.
    private static let counted: Set<String> = [
        "state.pt", "script.pt", "legacy.pth", "functional.keras", "torch.safetensors", "plain.npy", "plain.npz", "model.zip", "model.tar", "model.tar.xz", "model.7z",
        "iris.skops", "model.tflite",
    ]

    @Test("A file that is cut anywhere is never clean", arguments: counted.sorted())
    func cut(name: String) throws {
        let whole = Array(try Data(contentsOf: URL(fileURLWithPath: Fixture.path("formats/\(name)"))))
        for length in stride(from: 16, to: whole.count - 1, by: max(1, whole.count / 150))
        where whole[length...].contains(where: { $0 != 0 }) {
            guard let artifact = try? scan(MemoryBytes(Array(whole.prefix(length)))) else { continue }
            #expect(artifact.verdict == .failed, "cut at \(length)")
        }
    }

    @Test("Changed bytes never crash a reader", arguments: expected.keys.sorted().filter { !$0.hasPrefix("evil-bomb") })
    func changed(name: String) throws {
        let whole = Array(try Data(contentsOf: URL(fileURLWithPath: Fixture.path("formats/\(name)"))))
        var generator = SplitMix(seed: UInt64(whole.count))
        for _ in 0..<60 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            _ = try? scan(MemoryBytes(bytes))
        }
    }

    @Test("Inputs that once stopped the program are answered")
    func once() throws {
        // An LZ4 frame with an impossible descriptor: the library's error code is negative.
        #expect(throws: PlatformError.self) { try scan(MemoryBytes([0x04, 0x22, 0x4d, 0x18] + [UInt8](repeating: 0xff, count: 64))) }
        // A 7z header at the last place there is.
        let offset: [UInt8] = [0xdf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]
        let archive = SevenZipArchive.magic + [0, 4, 0, 0, 0, 0] + offset + [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        #expect(try scan(MemoryBytes(archive)).verdict == .failed)
        // An HDF5 header that goes on at the last address there is.
        var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: Fixture.path("formats/functional.h5"))))
        let block = 0x60 + 16
        bytes.replaceSubrange(block..<block + 24, with: [0x10, 0, 16, 0, 0, 0, 0, 0] + [UInt8](repeating: 0xff, count: 16))
        #expect(try scan(MemoryBytes(bytes)).verdict == .failed)
    }

    @Test("Where there is no room to unpack, nothing is said about the file")
    func noRoom() throws {
        let noise = (0..<40 << 20).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("noise-\(UUID().uuidString)").path
        defer { for ending in ["", ".gz"] { try? FileManager.default.removeItem(atPath: path + ending) } }
        // A tar archive of 40 MiB, compressed: it has to be unpacked into a folder that is not there.
        var header = [UInt8](repeating: 0, count: 512)
        header.replaceSubrange(0..<5, with: Array("noise".utf8))
        header.replaceSubrange(124..<135, with: Array("00240000000".utf8))
        header.replaceSubrange(257..<262, with: Array("ustar".utf8))
        header[156] = UInt8(ascii: "0")
        let sum = header.reduce(8 * 32) { $0 + Int($1) }
        header.replaceSubrange(148..<154, with: Array(String(sum + 0o1000000, radix: 8).dropFirst().utf8))
        try Data(header + noise + [UInt8](repeating: 0, count: 1024)).write(to: URL(fileURLWithPath: path))
        let gzip = Process()
        gzip.executableURL = URL(fileURLWithPath: "/bin/gzip")
        gzip.arguments = ["-1", path]
        try gzip.run()
        gzip.waitUntilExit()
        let failure = #expect(throws: PlatformError.self) { try ArtifactScanner(folder: "/nowhere").scan(try FileBytes(path: path + ".gz")) }
        #expect(failure?.code == .unavailable)
        #expect(try ArtifactScanner().scan(try FileBytes(path: path + ".gz")).format == .archive)
    }

    // MARK: - Facts

    @Test("A graph tells its inputs, outputs, operators and size")
    func graphFacts() throws {
        let onnx = try scan(try FileBytes(path: Fixture.path("formats/torch.onnx"))).facts
        #expect(onnx.inputs.map(\.shape) == [[1, 4]] && onnx.inputs.map(\.datatype) == ["float32"])
        #expect(onnx.operators == ["Gemm": 2, "Relu": 1] && onnx.parameterCount == 67 && onnx.operatorSets[""] == 20)
        let lite = try scan(try FileBytes(path: Fixture.path("formats/model.tflite"))).facts
        #expect(lite.inputs.map(\.shape) == [[1, 4]] && lite.outputs.map(\.shape) == [[1, 3]])
        let saved = try scan(try FileBytes(path: Fixture.path("formats/saved.zip"))).facts
        #expect(saved.inputs.map(\.shape) == [[nil, 4]] && saved.outputs.map(\.datatype) == ["float32"] && saved.frameworkVersion == "2.21.0")
    }

    @Test("A checkpoint tells how many parameters it has, an archive what is in it")
    func archiveFacts() throws {
        let state = try scan(try FileBytes(path: Fixture.path("formats/state.pt"))).facts
        #expect(state.parameterCount == 67 && state.members.contains { $0.name == "state/data.pkl" })
        #expect(try scan(try FileBytes(path: Fixture.path("formats/legacy.pth"))).facts.parameterCount == 67)
        #expect(try scan(try FileBytes(path: Fixture.path("formats/torch.safetensors"))).facts.parameterCount == 67)
        let keras = try scan(try FileBytes(path: Fixture.path("formats/functional.h5"))).facts
        #expect(keras.operators["Dense"] == 2 && keras.frameworkVersion == "3.15.1")
        let packed = try scan(try FileBytes(path: Fixture.path("formats/model.tar.gz"))).facts
        #expect(packed.className == "sklearn.linear_model._logistic.LogisticRegression" && packed.members.map(\.name) == ["model.joblib"])
    }

    @Test("Every import is listed with what let it through")
    func imports() throws {
        let artifact = try scan(try FileBytes(path: Fixture.path("formats/evil-torch.pt")))
        let refused = artifact.imports.filter { $0.verdict == .refused }
        #expect(refused.map(\.name) == ["posix.getppid"] && refused[0].member == "evil-torch/data.pkl")
        let allowed = artifact.imports.filter { $0.verdict == .allowed }
        #expect(allowed.contains { $0.name == "torch._utils._rebuild_tensor_v2" && $0.allowedAs == "makes a tensor from a storage of the file" })
    }
}

/// Files that a review made to get past an earlier scanner, to stop it or to keep it busy; each did.
@Suite("Files that once got through")
struct FoundFilesTests {
    private static let folder = Fixture.path("found")
    static let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()

    @Test("There are such files")
    func list() {
        #expect(Self.names.count > 60)
    }

    @Test("None of them passes, stops the scanner or keeps it busy", .timeLimit(.minutes(1)), arguments: names)
    func found(name: String) throws {
        let artifact = try ArtifactScanner().scan(try FileBytes(path: "\(Self.folder)/\(name)"))
        #expect(artifact.verdict == .failed)
    }
}
