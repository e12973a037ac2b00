import Domain
import Foundation
import Logging
import Testing
import TestSupport

@testable import Workers

/// Real sandboxed Python processes with the real scikit-learn.
@Suite("Workers", .serialized)
struct WorkerPoolTests {
    private static let store = EnvironmentStore(folder: RealEnvironment.environments, uv: RealEnvironment.uv)

    private func pool(levels: [SandboxLevel] = [.full, .rootNamespaces]) -> WorkerPool {
        WorkerPool(
            sandbox: Sandbox(limits: SandboxLimits(memoryBytes: 1 << 30), levels: levels), environments: Self.store, workerRoot: RealEnvironment.workerRoot,
            configuration: .init(memoryBudget: 4 << 30, spares: 0), logger: Logger(label: "test")
        )
    }

    private func environment() async throws -> PythonEnvironment {
        try await Self.store.environment(for: [Requirement("scikit-learn==1.5.2"), Requirement("pandas"), Requirement("numpy>=2"), Requirement("lz4")], python: nil) {
            _ in
        }
    }

    private func fixture(_ name: String) -> WorkerArtifact {
        WorkerArtifact(format: name.hasSuffix(".pkl") ? .pickle : .joblib, modelPath: Fixture.path(name), customAPIPath: nil)
    }

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
        let slot = pool.makeSlot(fixture("iris.joblib"), environmentKey: try await environment().key) {}
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
