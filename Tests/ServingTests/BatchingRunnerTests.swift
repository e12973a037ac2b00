import Domain
import Synchronization
import Testing

@testable import Serving

@Suite("Joined requests")
struct BatchingRunnerTests {
    /// Answers with the rows it got, after a moment; fails when a row begins with the poison.
    private final class Identity: ModelRunner {
        static let poison = 666.0
        let calls = Mutex<[Int]>([])
        private let pause: Duration

        init(pause: Duration = .milliseconds(2)) {
            self.pause = pause
        }

        func predict(_ request: InferenceRequest, deadline: Duration) async throws -> InferenceResponse {
            calls.withLock { $0.append(request.rows) }
            try await Task.sleep(for: pause)
            guard case .float64(let values) = request.inputs[0].storage else { throw PlatformError(.predictionFailed, "no numbers") }
            guard !values.contains(Self.poison) else { throw PlatformError(.predictionFailed, "a poisoned row") }
            return InferenceResponse(outputs: [Tensor(name: "values", shape: request.inputs[0].shape, storage: request.inputs[0].storage)], modelMilliseconds: 0)
        }

        func retire() {}
    }

    private func request(_ value: Double, rows: Int) -> InferenceRequest {
        InferenceRequest(rows: rows, inputs: [Tensor(name: "input", shape: [rows, 3], storage: .float64([Double](repeating: value, count: rows * 3)))])
    }

    @Test("64 callers with ragged sizes each get their own rows, in far fewer calls")
    func ownRows() async throws {
        let identity = Identity()
        let runner = BatchingRunner(identity, limits: .init(rows: 100))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<64 {
                group.addTask {
                    for round in 0..<20 {
                        let rows = 1 + (caller * 7 + round) % 9
                        let value = Double(caller * 1000 + round)
                        let answer = try await runner.predict(self.request(value, rows: rows), deadline: .seconds(20))
                        #expect(answer.outputs[0].shape == [rows, 3] && answer.outputs[0].storage == .float64([Double](repeating: value, count: rows * 3)))
                    }
                }
            }
            try await group.waitForAll()
        }
        let calls = identity.calls.withLock { $0 }
        #expect(calls.count < 64 * 20 / 4 && calls.max() ?? 0 <= 100)
    }

    @Test("A poisoned row fails alone")
    func poison() async throws {
        let runner = BatchingRunner(Identity(pause: .milliseconds(20)), limits: .init())
        let outcomes = await withTaskGroup(of: (Double, Bool).self) { group in
            for value in [1, 2, Identity.poison, 4, 5] {
                group.addTask { (value, (try? await runner.predict(self.request(value, rows: 2), deadline: .seconds(60))) != nil) }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        #expect(outcomes == [1: true, 2: true, Identity.poison: false, 4: true, 5: true])
    }

    @Test("When too many wait, the next is refused with a time to come back")
    func full() async throws {
        let runner = BatchingRunner(Identity(pause: .milliseconds(200)), limits: .init(rows: 1, waiting: 2))
        let refused = await withTaskGroup(of: Bool.self) { group in
            for value in 0..<8 {
                group.addTask {
                    do {
                        _ = try await runner.predict(self.request(Double(value), rows: 1), deadline: .seconds(5))
                        return false
                    } catch {
                        return (error as? PlatformError)?.code == .unavailable && (error as? PlatformError)?.retryAfterSeconds == 1
                    }
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(refused == 5)
    }

    @Test("With a delay, a lone call takes along who comes meanwhile")
    func delay() async throws {
        let identity = Identity()
        let runner = BatchingRunner(identity, limits: .init(delay: .milliseconds(100)))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for value in 0..<5 {
                group.addTask { _ = try await runner.predict(self.request(Double(value), rows: 1), deadline: .seconds(5)) }
            }
            try await group.waitForAll()
        }
        #expect(identity.calls.withLock { $0 } == [5])
    }

    @Test("A request that waited past its deadline is told so")
    func late() async throws {
        let runner = BatchingRunner(Identity(pause: .milliseconds(300)), limits: .init(rows: 1))
        async let first = runner.predict(request(1, rows: 1), deadline: .seconds(5))
        try await Task.sleep(for: .milliseconds(50))
        await #expect(throws: PlatformError.self) { try await runner.predict(request(2, rows: 1), deadline: .milliseconds(50)) }
        _ = try await first
    }
}
