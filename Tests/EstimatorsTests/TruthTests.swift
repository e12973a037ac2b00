import Foundation
import Testing

@testable import Estimators
import Domain
import Formats

/// Where `scripts/estimator_truth.sh` keeps what the libraries answered, one folder for each version.
let truthFolder = ProcessInfo.processInfo.environment["MARTLET_ESTIMATOR_TRUTH"] ?? ".tools/truth/cases"
let truthVersions = ((try? FileManager.default.contentsOfDirectory(atPath: truthFolder)) ?? []).sorted()

@Suite("Estimators beside their libraries")
struct TruthTests {
    @Test("The answers of five versions are there; hint: scripts/estimator_truth.sh")
    func present() {
        #expect(truthVersions.count >= 5)
    }

    @Test("The scan passes every model that a library wrote", arguments: truthVersions)
    func scanned(version: String) throws {
        let folder = URL(fileURLWithPath: truthFolder).appendingPathComponent(version)
        for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil) where file.pathExtension == "model" {
            let artifact = try ArtifactScanner().scan([UInt8](Data(contentsOf: file)))
            #expect(artifact.findings.isEmpty, "\(file.lastPathComponent): \(artifact.findings.first?.found ?? "")")
        }
    }

    @Test("A model that skops wrote answers the same", arguments: ["1.5.2", "1.9.1"])
    func skops(version: String) throws {
        let folder = URL(fileURLWithPath: truthFolder).appendingPathComponent(version)
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil).filter { $0.pathExtension == "skops" }
        #expect(files.count > 100)
        var uncovered: [String] = []
        for file in files.sorted(by: { $0.path < $1.path }) {
            let artifact = try ArtifactScanner().scan([UInt8](Data(contentsOf: file)))
            #expect(artifact.findings.isEmpty, "\(file.lastPathComponent): \(artifact.findings.first?.found ?? "")")
            do {
                let faults = try TruthCase(file.deletingPathExtension().appendingPathExtension("json"), isSkops: true).faults()
                if !faults.isEmpty { Issue.record("\(file.lastPathComponent): \(faults.joined(separator: "; "))") }
            } catch {
                uncovered.append("\(file.lastPathComponent): \(error)")
            }
        }
        // What is not read is refused by name and goes to Python: it must stay the exception.
        #expect(uncovered.count < files.count / 20, "\(uncovered.joined(separator: " ;; "))")
    }

    @Test("Every answer is the library's own", arguments: truthVersions)
    func equal(version: String) throws {
        let folder = URL(fileURLWithPath: truthFolder).appendingPathComponent(version)
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil).filter { $0.pathExtension == "json" }
        #expect(files.count > 240)
        for file in files.sorted(by: { $0.path < $1.path }) {
            do {
                let faults = try TruthCase(file).faults()
                if !faults.isEmpty { Issue.record("\(file.lastPathComponent): \(faults.joined(separator: "; "))") }
            } catch {
                Issue.record("\(file.lastPathComponent): \(error)")
            }
        }
    }
}
