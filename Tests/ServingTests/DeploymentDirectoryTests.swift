import Domain
import Synchronization
import Testing

@testable import Serving

@Suite("Deployments")
struct DeploymentDirectoryTests {
    private final class Runner: ModelRunner {
        let isRetired = Mutex(false)
        func predict(_ request: InferenceRequest, deadline: Duration) async throws -> InferenceResponse { InferenceResponse(outputs: [], modelMilliseconds: 0) }
        func retire() { isRetired.withLock { $0 = true } }
        var log: String? { nil }
    }

    private func deployment(_ model: ModelID, _ runner: Runner) -> Deployment {
        let now = Timestamp(milliseconds: 0)
        return Deployment(
            modelID: model, versionID: VersionID(at: now), version: .first, signature: Signature(features: [], task: .regression, classes: [], givesProbabilities: false),
            rules: ModelRules(ownerID: UserID(at: now), isPublic: false), api: nil, runtime: .python, runner: runner
        )
    }

    @Test("A new version takes over and the old one is retired after its last request; a change keeps the runner")
    func takesOver() {
        let directory = DeploymentDirectory()
        let model = ModelID(at: Timestamp(milliseconds: 0))
        let (first, second) = (Runner(), Runner())
        directory.deploy(deployment(model, first))
        var held = directory.current(of: model)
        directory.deploy(deployment(model, second))
        #expect(!first.isRetired.withLock { $0 }, "a request that began with it is not done")
        #expect(held?.deployment.rules.isPublic == false)
        held = nil
        #expect(first.isRetired.withLock { $0 } && !second.isRetired.withLock { $0 })
        directory.update(model) { deployment in deployment.with(rules: ModelRules(ownerID: deployment.rules.ownerID, isPublic: true)) }
        #expect(directory.current(of: model)?.deployment.rules.isPublic == true && !second.isRetired.withLock { $0 })
        directory.remove(model)
        #expect(second.isRetired.withLock { $0 } && directory.current(of: model) == nil && directory.count == 0)
    }
}
