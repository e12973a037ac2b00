import Domain
import Files
import Testing

@testable import Provenance

@Suite("Signed bundles")
struct VersionBundleTests {
    private let key: SigningKey
    private let other: SigningKey

    init() throws {
        key = try SigningKey(seed: [UInt8](repeating: 7, count: 32))
        other = try SigningKey(seed: [UInt8](repeating: 8, count: 32))
    }

    private func bundle(_ content: [String: String], signedBy key: SigningKey? = nil) throws -> [String: any RandomAccess] {
        let files = content.mapValues { MemoryBytes(Array($0.utf8)) }
        let facts = try files.sorted { $0.key < $1.key }.map {
            ProvenanceStatement.FileFacts(name: $0.key, size_bytes: $0.value.count, sha256: try VersionBundle.sha256($0.value))
        }
        let statement = ProvenanceStatement(
            .init(
                model: .init(id: "model_x", name: "Iris", description: "", model_type: "sklearn", framework: nil, category: nil, tags: []),
                version: .init(
                    id: "version_x", version: "1.0.0", format: "joblib", model_file: "model.joblib", original_name: "iris.joblib", runtime: "swift",
                    python_version: nil, notes: nil, said: VersionDescription(algorithm: "svm"), created_at: "2030-01-01T00:00:00Z", created_by: "usr_x",
                    validation_status: "passed"),
                files: facts, environment: nil, reports: [:], signed_at: "2030-01-01T00:00:00Z"))
        let signing = key ?? self.key
        var all: [String: any RandomAccess] = files
        all[VersionBundle.manifestName] = MemoryBytes(try SignedEnvelope(signing: statement, with: signing).bytes)
        all[VersionBundle.keyName] = MemoryBytes(Array("\(signing.verifier)\n".utf8))
        return all
    }

    @Test("What was signed is read again, and whether the key is trusted is told")
    func roundTrip() throws {
        let files = try bundle(["model.joblib": "bytes", "requirements.txt": ""])
        let trusted = try VersionBundle(files, trusting: [other.verifier, key.verifier], acceptsAnyKey: false)
        #expect(trusted.isTrusted && trusted.signer == key.verifier && trusted.statement.predicate.version.said.algorithm == "svm")
        let anybody = try VersionBundle(files, trusting: [other.verifier], acceptsAnyKey: true)
        #expect(!anybody.isTrusted && anybody.signer == key.verifier)
        #expect(throws: PlatformError.self) { try VersionBundle(files, trusting: [other.verifier], acceptsAnyKey: false) }
    }

    @Test("A changed byte, a missing, added or exchanged file, another key")
    func tampered() throws {
        let good = try bundle(["model.joblib": "bytes", "custom_api.py": "x = 1"])
        func refused(_ change: (inout [String: any RandomAccess]) throws -> Void) rethrows {
            var files = good
            try change(&files)
            #expect(throws: PlatformError.self) { try VersionBundle(files, trusting: [key.verifier], acceptsAnyKey: true) }
        }
        refused { $0["model.joblib"] = MemoryBytes(Array("bytez".utf8)) }
        refused { $0["custom_api.py"] = nil }
        refused { $0["more.py"] = MemoryBytes([]) }
        refused { $0[VersionBundle.manifestName] = nil }
        refused { $0["model.joblib"] = $0["custom_api.py"] }
        try refused { files in
            let manifest = try #require(files[VersionBundle.manifestName])
            var bytes = try manifest.bytes(at: 0, count: Int(manifest.count))
            let place = try #require(bytes.indices.first { bytes[$0...].starts(with: Array("payload\":\"".utf8)) })
            bytes[place + 60] = bytes[place + 60] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            files[VersionBundle.manifestName] = MemoryBytes(bytes)
        }
        // A manifest of somebody else's, with the trusted key laid beside it.
        let foreign = try bundle(["model.joblib": "evil"], signedBy: other)
        refused { files in
            files = foreign
            files[VersionBundle.keyName] = good[VersionBundle.keyName]
        }
        #expect(throws: PlatformError.self) { try VersionBundle(foreign, trusting: [key.verifier], acceptsAnyKey: false) }
        #expect(throws: PlatformError.self) { try VersionBundle(try bundle(["other.joblib": "bytes"]), trusting: [key.verifier], acceptsAnyKey: false) }
    }

    @Test("What is no envelope", arguments: ["", "{}", "[]", #"{"payloadType":"application/vnd.in-toto+json","payload":"e30=","signatures":[]}"#])
    func malformed(text: String) {
        #expect(throws: PlatformError.self) { try SignedEnvelope(Array(text.utf8)) }
    }

    @Test("Headers of tar")
    func tar() throws {
        let header = try #require(TarHeader.bytes(name: "model.joblib", size: 1234, seconds: 0))
        #expect(header.count == 512 && Array(header[257..<262]) == Array("ustar".utf8) && TarHeader.padding(1234) == 302 && TarHeader.padding(1024) == 0)
        #expect(TarHeader.bytes(name: String(repeating: "x", count: 101), size: 1, seconds: 0) == nil && TarHeader.bytes(name: "x", size: 1 << 33, seconds: 0) == nil)
    }
}
