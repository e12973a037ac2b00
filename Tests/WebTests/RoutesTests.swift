import Access
import Database
import Domain
import Formats
import Foundation
import Hummingbird
import Logging
import Pipeline
import Serving
import Store
import Testing
import TestSupport
import Wire
import Workers

@testable import Web

@Suite("Routes")
struct RoutesTests {
    private let clock = ManualClock()

    @Test("Everything routed is described, and everything described is routed")
    func reference() async throws {
        let router = Router<AppContext>.martlet(try await services())
        #expect(router.routed == APIReference.described)
        #expect(router.routed.count > 40)
    }

    /// The real services over an empty data folder; nothing of them runs.
    private func services() async throws -> AppServices {
        let logger = Logger(label: "test")
        let data = try DataFolder(FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID())").path)
        let database = try SQLiteDatabase(path: data.database)
        try await Migrator(Schema.migrations).migrate(database, at: clock.now)
        let models = SQLModelRepository(database)
        let apis = SQLModelAPIRepository(database)
        let tasks = SQLTaskRepository(database)
        let users = SQLUserRepository(database)
        let audit = SQLAuditRepository(database)
        let usage = SQLUsageRepository(database)
        let files = VersionFiles(data)
        let tokens = await AccessTokens(secret: try data.secret("jwt.key"), clock: clock)
        let authenticator = Authenticator(tokens: tokens, clock: clock)
        let pool = WorkerPool(
            sandbox: Sandbox(limits: SandboxLimits(memoryBytes: 1 << 30), environments: data.environments),
            environments: EnvironmentStore(folder: data.environments, uv: nil), programs: WorkerPrograms(python: "", onnx: ""),
            configuration: .init(memoryBudget: 1 << 30), logger: logger
        )
        let deployments = DeploymentDirectory()
        let activation = ActivationService(
            models: models, apis: apis, files: files, pool: pool, evaluators: EvaluatorPool(budget: 1 << 28), batching: .init(), deployments: deployments, clock: clock)
        let predictions = PredictionService(
            deployments: deployments, usage: UsageBuffer(repository: usage, logger: logger), limiter: RateLimiter(clock: clock), clock: clock, deadline: .seconds(1),
            limits: PredictLimits()
        )
        let jobs = PredictionJobs(tasks: tasks, predictions: predictions, deployments: deployments, clock: clock) {}
        let runner = TaskRunner(tasks: tasks, handlers: [.prediction: jobs], clock: clock, logger: logger)
        return AppServices(
            accounts: AccountService(
                users: users, sessions: SQLSessionRepository(database), hasher: PasswordHasher(), tokens: tokens, authenticator: authenticator, audit: audit, clock: clock
            ),
            isRegistrationOpen: true,
            keys: APIKeyService(keys: SQLAPIKeyRepository(database), users: users, authenticator: authenticator, audit: audit, clock: clock),
            authenticator: authenticator,
            models: ModelService(
                models: models, apis: apis, usage: usage, validations: SQLValidationRepository(database), audit: audit, deployments: deployments,
                activation: activation, files: files, runner: runner, clock: clock
            ),
            receiver: UploadReceiver(data: data, limits: .init(maximumModel: 1 << 20), clock: clock),
            publisher: PublishService(models: models, files: files, scanner: ArtifactScanner(), audit: audit, runner: runner, clock: clock, logger: logger),
            predictions: predictions, jobs: jobs, tasks: tasks, runner: runner,
            health: HealthCheck { HealthCheck.Facts(isHealthy: true, members: [:]) }, clock: clock
        )
    }
}
