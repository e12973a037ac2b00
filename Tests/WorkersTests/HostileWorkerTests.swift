import Domain
import Foundation
import NIOCore
import Testing

@testable import Workers

/// What a worker that is not ours any more may say about its model and its answers.
@Suite("Hostile workers")
struct HostileWorkerTests {
    @Test(
        "Inputs of impossible sizes are refused",
        arguments: ["[4294967296, 4294967296]", "[100000, 100000]", "[-1]", "[0, 5]", "[\((0..<100).map { _ in "1" }.joined(separator: ","))]"])
    func inputs(shape: String) throws {
        let header = try JSONDecoder().decode(LoadedHeader.self, from: Data(Self.loaded(shape).utf8))
        #expect(throws: ModelFailure.self) { try header.checked() }
    }

    @Test("Inputs of ordinary sizes are taken", arguments: ["[3, 224, 224]", "[null, 8]", "null"])
    func ordinary(shape: String) throws {
        let header = try JSONDecoder().decode(LoadedHeader.self, from: Data(Self.loaded(shape).utf8))
        #expect(try header.checked().signature.features?.count == 1)
    }

    private static func loaded(_ shape: String) -> String {
        """
        {"features": [{"name": "x", "kind": "number", "nullable": false, "shape": \(shape)}], "task": "custom", "classes": [], "probabilities": false,
        "class_name": "x", "load_ms": 1, "memory_mb": 1, "warnings": []}
        """
    }

    @Test(
        "Answers whose shapes hide their size are refused",
        arguments: ["[1, 0, 1073741824, 1073741824, 1073741824]", "[1, 0, 9007199254740992]", "[\((0..<40).map { _ in "1" }.joined(separator: ","))]"])
    func outputs(shape: String) {
        let header = "{\"outputs\": [{\"name\": \"values\", \"datatype\": \"FP64\", \"shape\": \(shape), \"size\": 0}], \"ms\": 1, \"memory_mb\": 1}"
        #expect(throws: PlatformError.self) { try TensorCoding.decode(WorkerFrame(.predicted, requestID: 1, header: Array(header.utf8))) }
    }

    @Test("A version that is none does not reach the installer")
    func version() {
        var facts = ArtifactFacts()
        facts.framework = "keras"
        facts.frameworkVersion = "3.0.0\nevil @ https://example.com/evil.whl"
        let set = RequirementSet(given: [], facts: facts, format: .kerasArchive)
        #expect(set.requirements.allSatisfy { !$0.text.contains("\n") && !$0.text.contains("evil") })
    }
}
