import Access
import Database
import Domain
import Formats
import Foundation
import Hummingbird
import Logging
import Pipeline
import Provenance
import Serving
import Store
import Testing
import TestSupport
import Wire
import Webhooks
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
        let audit = SQLAuditRepository(database, key: [])
        let usage = SQLUsageRepository(database)
        let files = VersionFiles(data)
        let access = await AccessServices(
            AccessStores(
                users: users, sessions: SQLSessionRepository(database), roles: SQLRoleRepository(database), groups: SQLGroupRepository(database),
                invitations: SQLInvitationRepository(database), keys: SQLAPIKeyRepository(database), audit: audit),
            tokenKeys: [AccessTokens.Key(id: "1", secret: try data.secret("jwt.key"))], policy: AccessPolicy(), clock: clock, logger: logger)
        let pool = WorkerPool(
            sandbox: Sandbox(limits: SandboxLimits(memoryBytes: 1 << 30), environments: data.environments),
            environments: EnvironmentStore(folder: data.environments, uv: nil), programs: WorkerPrograms(python: "", onnx: ""),
            configuration: .init(memoryBudget: 1 << 30), logger: logger
        )
        let deployments = DeploymentDirectory()
        let provenance = ProvenanceService(
            key: try SigningKey(seed: [UInt8](repeating: 1, count: 32)), files: files, environments: EnvironmentStore(folder: data.environments, uv: nil),
            records: SQLRecordRepository(database), clock: clock)
        let activation = ActivationService(
            models: models, apis: apis, files: files, provenance: provenance, pool: pool, evaluators: EvaluatorPool(budget: 1 << 28), batching: .init(),
            deployments: deployments, clock: clock)
        let predictions = PredictionService(
            deployments: deployments, usage: UsageBuffer(repository: usage, logger: logger), limiter: access.limiter, meter: access.meter, clock: clock,
            deadline: .seconds(1),
            limits: PredictLimits()
        )
        let pinned = PinnedVersions(models: models, promotions: SQLPromotionRepository(database), activation: activation, deployments: deployments)
        let jobs = PredictionJobs(tasks: tasks, predictions: predictions, deployments: deployments, pinned: pinned, clock: clock) {}
        let runner = TaskRunner(tasks: tasks, handlers: [.prediction: jobs], clock: clock, logger: logger)
        let modelService = ModelService(
            models: models, apis: apis, usage: usage, validations: SQLValidationRepository(database), audit: audit, deployments: deployments,
            activation: activation, files: files, runner: runner, clock: clock)
        let promotions = SQLPromotionRepository(database)
        let registry = RegistryService(
            models: modelService, records: SQLRecordRepository(database), promotions: promotions, catalogue: SQLCatalogueRepository(database), audit: audit,
            clock: clock, logger: logger)
        let community = SQLCommunityRepository(database)
        let secrets = WebhookSecrets(key: [1])
        let deliverer = WebhookDeliverer(
            webhooks: SQLWebhookRepository(database), secrets: secrets, networks: [], firstPause: 1000, clock: clock, logger: logger)
        let inboxes = SQLEventRepository(database)
        let events = EventService(events: inboxes, deliverer: deliverer, logger: logger)
        let publisher = PublishService(
            models: models, files: files, standards: access.standards, scanner: ArtifactScanner(), audit: audit, runner: runner, events: events, clock: clock,
            logger: logger)
        let stages = StageService(
            models: modelService, registry: registry, promotions: promotions, activation: activation, groups: SQLGroupRepository(database), events: events,
            audit: audit, clock: clock)
        return AppServices(
            access: access, requests: SQLIdempotencyRepository(database), models: modelService, registry: registry,
            stages: stages, batches: BatchService(models: modelService, catalogue: models, registry: registry, stages: stages, clock: clock, logger: logger),
            marketplace: MarketplaceService(
                models: modelService, registry: registry, ratings: SQLRatingRepository(database), community: community, publisher: publisher, audit: audit, clock: clock),
            community: CommunityService(
                models: modelService, community: community, users: users, activation: activation, events: events, audit: audit, clock: clock),
            inbox: InboxService(events: inboxes, service: events, clock: clock),
            webhooks: WebhookService(
                webhooks: SQLWebhookRepository(database), deliverer: deliverer, secrets: secrets, networks: [], audit: audit, clock: clock),
            bundles: BundleService(
                registry: registry, provenance: provenance, publisher: publisher, scanner: ArtifactScanner(), files: files, trusted: [], maximumBytes: 1 << 20,
                clock: clock),
            comparison: ComparisonService(
                registry: registry, models: modelService, pinned: pinned, calls: predictions, files: files,
                environments: EnvironmentStore(folder: data.environments, uv: nil)),
            cleanup: CleanupService(
                policy: CleanupPolicy(), cleanup: SQLCleanupRepository(database), models: models, deployments: deployments, files: files, audit: audit,
                graceSeconds: 0, clock: clock), graceSeconds: 0,
            permissions: ModelPermissions(
                models: models, grants: SQLGrantRepository(database), users: users, groups: SQLGroupRepository(database), deployments: deployments, events: events,
                audit: audit,
                clock: clock),
            receiver: UploadReceiver(files: VersionFiles(data), limits: .init(maximumModel: 1 << 20), clock: clock),
            publisher: publisher, archives: ArchiveUploads(publisher: publisher, scanner: ArtifactScanner(), files: files, maximumBytes: 1 << 20, clock: clock),
            resumable: ResumableUploads(
                uploads: SQLUploadRepository(database), models: models, publisher: publisher, files: files, maximumSize: 1 << 20, clock: clock),
            predictions: predictions, jobs: jobs, pinned: pinned, tasks: tasks, runner: runner,
            health: HealthCheck(clock: clock, facts: { HealthCheck.Facts(isHealthy: true, members: [:]) }), web: WebPolicy(), clock: clock
        )
    }
}
