import Crypto
import Domain
import Files
import Foundation
import Logging
import NIOCore
import Testing
import TestSupport

@testable import Workers

/// Real sandboxed Python processes with the real scikit-learn.
@Suite("Workers", .serialized)
struct WorkerPoolTests {
    private static let store = EnvironmentStore(folder: RealEnvironment.environments, uv: RealEnvironment.uv)

    private func pool(levels: [SandboxLevel] = [.full, .rootNamespaces]) -> WorkerPool {
        WorkerPool(
            sandbox: Sandbox(limits: SandboxLimits(memoryBytes: 1 << 30), environments: RealEnvironment.environments, levels: levels), environments: Self.store,
            programs: WorkerPrograms(python: RealEnvironment.workerRoot, onnx: RealEnvironment.onnxWorker),
            configuration: .init(memoryBudget: 4 << 30, spares: 0), logger: Logger(label: "test")
        )
    }

    private func environment() async throws -> PythonEnvironment {
        try await Self.store.environment(for: [Requirement("scikit-learn==1.5.2"), Requirement("pandas"), Requirement("numpy>=2"), Requirement("lz4")], python: nil) {
            _ in
        }
    }

    private func fixture(_ name: String) -> WorkerArtifact {
        let hash = FileManager.default.contents(atPath: Fixture.path(name)).map { SHA256.hash(data: $0).hexadecimal }
        return WorkerArtifact(format: name.hasSuffix(".pkl") ? .pickle : .joblib, model: VerifiedFile(stored(Fixture.path(name)), sha256: hash ?? ""))
    }

    private func stored(_ path: String) -> StoredFile { StoredFile(path: path, keys: FolderKeys(root: "/")) }

    @Test("A model describes itself and predicts what the library predicted")
    func predicts() async throws {
        struct Truth: Decodable {
            struct Iris: Decodable { let row: [Double], proba: [Double] }
            let iris: Iris
        }
        let truth = try JSONDecoder().decode(Truth.self, from: Data(contentsOf: URL(fileURLWithPath: Fixture.path("truth.json")))).iris
        let (worker, description) = try await pool().load(fixture("iris.joblib"), environment: try await environment())
        defer { worker.end() }
        #expect(description.signature.classes == [0, 1, 2])
        #expect(description.signature.features?.count == 4)
        #expect(description.signature.givesProbabilities)
        let request = InferenceRequest(rows: 1, inputs: [Tensor(name: "input", shape: [1, 4], storage: .float64(truth.row))])
        let answer = try await worker.predict(request, deadline: .seconds(20))
        #expect(answer.output(.probabilities)?.storage == .float64(truth.proba))
        #expect(answer.output(.labels)?.storage == .int64([2]))
    }

    @Test("The level without a user namespace runs a model as well", .enabled(if: geteuid() == 0, "needs root, as that level does"))
    func levelB() async throws {
        let pool = pool(levels: [.rootNamespaces])
        #expect(pool.sandbox.level == .rootNamespaces)
        let (worker, description) = try await pool.load(fixture("iris.joblib"), environment: try await environment())
        defer { worker.end() }
        #expect(description.signature.classes == [0, 1, 2])
    }

    @Test("The level without namespaces runs a model as well, and lets it see no file but its environment")
    func levelC() async throws {
        let pool = pool(levels: [.landlock])
        #expect(pool.sandbox.level == .landlock)
        let (worker, description) = try await pool.load(fixture("iris.joblib"), environment: try await environment())
        defer { worker.end() }
        #expect(description.signature.classes == [0, 1, 2])
        let request = InferenceRequest(rows: 1, inputs: [Tensor(name: "input", shape: [1, 4], storage: .float64([5, 3, 1, 0.2]))])
        #expect(try await worker.predict(request, deadline: .seconds(20)).output(.labels)?.storage == .int64([0]))
    }

    @Test("At that level code reaches no other file, no network, no process and no place to write")
    func levelCAttacks() async throws {
        let code = """
            import os, socket
            def attempt(action):
                try:
                    action()
                    return 1.0
                except OSError:
                    return 0.0
            def custom_predict(model, rows):
                return [
                    attempt(lambda: open("/etc/passwd").read()), attempt(lambda: os.listdir("/proc")), attempt(lambda: open("/tmp/x", "w")),
                    attempt(lambda: socket.socket()), attempt(lambda: os.kill(os.getppid(), 0)), attempt(lambda: os.fork()),
                    attempt(lambda: os.listdir("\(RealEnvironment.environments)")), attempt(lambda: os.execv("/usr/bin/true", ["true"])),
                ]
            """
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("custom-\(UUID().uuidString).py").path
        try Data(code.utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let custom = VerifiedFile(stored(path), sha256: SHA256.hash(data: Data(code.utf8)).hexadecimal)
        let artifact = WorkerArtifact(format: .joblib, model: fixture("iris.joblib").model, customAPI: custom)
        let (worker, _) = try await pool(levels: [.landlock]).load(artifact, environment: try await environment())
        defer { worker.end() }
        let request = InferenceRequest(rows: 1, inputs: [Tensor(name: "input", shape: [1, 4], storage: .float64([5, 3, 1, 0.2]))])
        let answer = try await worker.predict(request, deadline: .seconds(20))
        #expect(answer.outputs.first?.storage == .json(["[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]"]), "1 stands for what was not refused")
    }

    @Test("A file that is not what was uploaded is not loaded")
    func tampered() async throws {
        let artifact = WorkerArtifact(format: .joblib, model: VerifiedFile(stored(Fixture.path("iris.joblib")), sha256: String(repeating: "0", count: 64)))
        let failure = await #expect(throws: PlatformError.self) { try await pool().load(artifact, environment: try await environment()) }
        #expect(failure?.code == .storageFailure)
    }

    @Test("A log on disk keeps its newest megabyte, and a model's output reaches it")
    func log() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("log-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let file = LogFile(path: "\(folder)/output.log")
        for number in 0..<300 { file.append(Array("\(number) \(String(repeating: "x", count: 10_000))\n".utf8)) }
        let text = file.text()
        #expect(text.utf8.count < 1_100_000)
        #expect(text.contains("\n299 x"))
        #expect(!text.contains("\n0 x"))

        let log = WorkerLog()
        log.append(ByteBuffer(string: "imports\n").readableBytesView)
        log.keep(in: LogFile(path: "\(folder)/worker.log"), under: "[worker 1]")
        log.append(ByteBuffer(string: "prediction\n").readableBytesView)
        let clock = ContinuousClock()
        let giveUp = clock.now + .seconds(10)
        while LogFile(path: "\(folder)/worker.log").text() != "[worker 1]\nimports\nprediction\n", clock.now < giveUp { try await Task.sleep(for: .milliseconds(5)) }
        #expect(LogFile(path: "\(folder)/worker.log").text() == "[worker 1]\nimports\nprediction\n")
    }

    @Test("Mixed columns arrive as a frame, with missing numbers where the model takes them")
    func mixedColumns() async throws {
        let (worker, description) = try await pool().load(fixture("mixed.joblib"), environment: try await environment())
        defer { worker.end() }
        #expect(description.signature.features?.map(\.kind) == [.number, .string])
        #expect(description.signature.features?.map(\.nullable) == [true, true], "the imputer and the encoder both take missing values")
        let columns = [
            Tensor(name: "age", shape: [2], storage: .float64([30, .nan])), Tensor(name: "city", shape: [2], storage: .strings(["Rome", "Oslo"])),
        ]
        let answer = try await worker.predict(InferenceRequest(rows: 2, inputs: columns), deadline: .seconds(20))
        #expect(answer.output(.probabilities)?.shape == [2, 2])
    }

    @Test("A killed worker fails its requests at once and the slot starts another")
    func killed() async throws {
        let pool = pool()
        let slot = pool.makeSlot(fixture("iris.joblib"), environmentKey: try await environment().key)
        let request = InferenceRequest(rows: 1, inputs: [Tensor(name: "input", shape: [1, 4], storage: .float64([5, 3, 1, 0.2]))])
        _ = try await slot.predict(request, deadline: .seconds(20))
        let first = try #require(slot.processID)
        kill(first, SIGKILL)
        let clock = ContinuousClock()
        let giveUp = clock.now + .seconds(30)
        while slot.processID == nil || slot.processID == first, clock.now < giveUp {
            _ = try? await slot.predict(request, deadline: .seconds(20))
        }
        #expect(slot.processID != first)
        #expect(try await slot.predict(request, deadline: .seconds(20)).outputs.isEmpty == false)
        slot.retire()
    }

    @Test("What a resolver refuses is told in its words")
    func conflict() async throws {
        let requirements = [try Requirement("scikit-learn==1.3.2"), try Requirement("numpy==2.1.0")]
        let failure = await #expect(throws: EnvironmentFailure.self) {
            try await Self.store.environment(for: requirements, python: nil) { _ in }
        }
        #expect(failure?.step == .resolution)
        #expect(failure?.output.contains("unsatisfiable") == true)
    }
}
