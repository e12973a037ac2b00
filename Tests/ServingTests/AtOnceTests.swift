import Access
import Domain
import Logging
import Synchronization
import Testing
import TestSupport
import Wire

@testable import Serving

/// Small predictions are answered where they arrive, with a limit and without; a mistake here costs half of the speed, and no other test sees it.
@Suite("Predictions at once")
struct AtOnceTests {
    private struct Doubler: ModelRunner {
        let predictsAtOnce = true

        func predict(_ request: InferenceRequest, deadline: Duration) async throws -> InferenceResponse { predictAtOnce(request)! }

        func predictAtOnce(_ request: InferenceRequest) -> InferenceResponse? {
            guard case .float64(let values) = request.inputs[0].storage else { return nil }
            return InferenceResponse(outputs: [Tensor(name: "values", shape: [request.rows], storage: .float64(values.map { $0 * 2 }))], modelMilliseconds: 0)
        }

        func retire() {}
    }

    private final class Recorder: UsageRecorder {
        let records = Mutex<[UsageRecord]>([])
        func record(_ usage: UsageRecord) { records.withLock { $0.append(usage) } }
    }

    private struct Elsewhere: SharedBuckets {
        func take(_ count: Int, from buckets: [RateBucket]) async throws -> SharedAnswer { .taken(buckets.map { Double($0.limit - 1) }) }
    }

    private let clock = ManualClock()
    private let model = ModelID(at: Timestamp(milliseconds: 0))
    private let owner = UserID(at: Timestamp(milliseconds: 0))
    private let recorder = Recorder()

    private func service(shared: (any SharedBuckets)? = nil) -> PredictionService {
        let directory = DeploymentDirectory()
        let signature = Signature(
            features: [Feature(name: "a", kind: .number, nullable: false, datatype: "float64")], task: .regression, classes: [], givesProbabilities: false)
        directory.deploy(
            Deployment(
                modelID: model, versionID: VersionID(at: clock.now), version: .first, signature: signature, rules: ModelRules(ownerID: owner, isPublic: false), api: nil,
                runtime: .swift, runner: Doubler()))
        return PredictionService(
            deployments: directory, usage: recorder, limiter: RateLimiter(local: TokenBuckets(clock: clock), shared: shared, logger: Logger(label: "test")),
            meter: KeyMeter(clock: clock), clock: clock, deadline: .seconds(1), limits: PredictLimits())
    }

    private func caller(_ limits: AccountLimits = AccountLimits(), scope: KeyScope? = nil) -> Principal {
        Principal(
            userID: owner, username: "o", role: .developer, permissions: .all, credential: .apiKey(KeyID(stored: "key_1")), scope: scope, limits: limits)
    }

    private func predict(_ service: PredictionService, _ caller: Principal) -> PredictionService.Immediate? {
        service.predictAtOnce(
            Array(#"{"data":[21]}"#.utf8), .single, model: model, path: "predict", call: PredictionCall(caller: caller, endpoint: "/predict", address: nil) { _ in 500 },
            by: caller)
    }

    @Test("Without a limit there is an answer and no state")
    func unlimited() throws {
        let answer = try #require(predict(service(), caller()))
        #expect(String(decoding: answer.result.json, as: UTF8.self).contains("42") && answer.state == nil && answer.result.warning == nil)
        #expect(recorder.records.withLock { $0.map(\.rows) } == [1])
    }

    @Test("With a limit there is what is left of it, and nothing beyond")
    func limited() throws {
        let service = service()
        let caller = caller(AccountLimits(requestsPerMinute: 2))
        #expect(try #require(predict(service, caller)).state?.remaining == 1)
        #expect(predict(service, caller)?.state?.remaining == 0)
        #expect(predict(service, caller) == nil, "the router says why")
    }

    @Test("A budget is counted, and what others count is asked through the router")
    func elsewhere() {
        let metered = caller(scope: KeyScope(budgets: [KeyBudget(unit: .predictions, period: .day, soft: 1, hard: 2)]))
        let service = service()
        #expect(predict(service, metered)?.result.warning?.used == 1)
        #expect(predict(service, metered) != nil && predict(service, metered) == nil)
        let shared = self.service(shared: Elsewhere())
        #expect(predict(shared, caller(AccountLimits(requestsPerMinute: 2))) == nil)
        #expect(predict(shared, caller()) != nil, "nobody counts")
    }
}
