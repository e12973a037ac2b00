internal import Access
internal import Database
internal import Domain
internal import Files
internal import Formats
internal import Glibc
internal import Hummingbird
internal import Logging
internal import Pipeline
internal import Provenance
internal import Redis
internal import ServiceLifecycle
internal import Serving
internal import Store
internal import Synchronization
internal import UnixSignals
internal import Web
internal import Webhooks
internal import Wire
internal import Workers

/// The composition root: builds everything from the settings, and the group of services that runs it.
struct Composition {
    private let settings: ServerSettings
    private let logger: Logger
    private let lines = LogLines()
    private let clock = SystemClock()

    init(_ settings: ServerSettings) {
        self.settings = settings
        var logger = Logger(label: "martlet") { [lines] _ in JSONLogHandler(lines, level: settings.logLevel) }
        logger.logLevel = settings.logLevel
        self.logger = logger
    }

    /// Runs the server until SIGTERM or SIGINT.
    /// - Parameter onListening: Called with the port once requests are taken.
    func serve(onListening: @escaping @Sendable (Int) async -> Void) async throws {
        umask(0o022)  // environments are read by the sandbox's own user
        MemoryArenas.limit()
        CoreDumps.forbid()
        OpenFiles.allowAll()
        let certificate = try settings.tls.map { try ServerCertificate(certificatePath: $0.certificate, keyPath: $0.key, logger: logger) }
        let data = try DataFolder(settings.dataDir)
        let lock = try data.lock()
        defer { close(lock) }
        let sandbox = try makeSandbox(data)
        let storage = try await Storage(data, clock: clock)
        defer { logger.info("Stopped") }

        let files = VersionFiles(data, keys: try folderKeys(data))
        let environments = EnvironmentStore(folder: data.environments, uv: settings.uv)
        let pool = WorkerPool(
            sandbox: sandbox, environments: environments, programs: WorkerPrograms(python: settings.workerRoot, onnx: settings.onnxWorker),
            configuration: .init(memoryBudget: settings.modelsMemory, spares: settings.spares), logger: logger
        )
        let access = try await makeAccess(storage, data)
        try await addAdmin(storage, access)
        let deployments = DeploymentDirectory()
        let evaluators = EvaluatorPool(budget: settings.evaluatorsMemory)
        let provenance = ProvenanceService(
            key: try SigningKey(seed: try data.secret("signing.key")), files: files, environments: environments, records: storage.records, clock: clock)
        let activation = ActivationService(
            models: storage.models, apis: storage.apis, files: files, provenance: provenance, pool: pool, evaluators: evaluators, batching: settings.batching,
            deployments: deployments, clock: clock
        )
        let secrets = WebhookSecrets(key: try data.secret("webhook.key"))
        let deliverer = WebhookDeliverer(
            webhooks: storage.webhooks, secrets: secrets, networks: settings.webhookNetworks, firstPause: settings.webhookPause, clock: clock, logger: logger)
        let events = EventService(events: storage.events, deliverer: deliverer, logger: logger)
        let usage = UsageBuffer(repository: storage.usage, logger: logger)
        let limits = PredictLimits(maximumRows: settings.maximumRows, maximumBody: settings.maximumBody)
        let predictions = PredictionService(
            deployments: deployments, usage: usage, limiter: access.limiter, meter: access.meter, clock: clock, deadline: settings.predictionTimeout,
            limits: limits
        )
        let runnerBox = RunnerBox()
        let pinned = PinnedVersions(models: storage.models, promotions: storage.promotions, activation: activation, deployments: deployments)
        let jobs = PredictionJobs(tasks: storage.tasks, predictions: predictions, deployments: deployments, pinned: pinned, clock: clock) { runnerBox.wake() }
        let scanner = ArtifactScanner(folder: data.uploads, isSealed: settings.isEncrypted)
        let validation = ValidationHandler(
            models: storage.models, records: storage.records, validations: storage.validations, files: files, scanner: scanner,
            antivirus: try settings.clamd.map { try Antivirus($0) },
            environments: environments,
            pool: pool, activation: activation, provenance: provenance, events: events, limits: limits, clock: clock, logger: logger
        )
        let runner = TaskRunner(tasks: storage.tasks, handlers: [.validation: validation, .prediction: jobs], clock: clock, logger: logger)
        runnerBox.set(runner)
        let publisher = PublishService(
            models: storage.models, files: files, standards: access.standards, scanner: scanner, audit: storage.audit, runner: runner, events: events, clock: clock,
            logger: logger
        )
        let archives = ArchiveUploads(publisher: publisher, scanner: scanner, files: files, maximumBytes: settings.maximumUpload, clock: clock)
        let resumable = ResumableUploads(
            uploads: storage.uploads, models: storage.models, publisher: publisher, files: files, maximumSize: settings.maximumUpload, clock: clock)
        let cleanup = CleanupService(
            policy: settings.cleanup, cleanup: storage.cleanup, models: storage.models, deployments: deployments, files: files, audit: storage.audit,
            graceSeconds: settings.deleteGraceSeconds, clock: clock)
        let housekeeping = Housekeeping(
            models: storage.models, keys: storage.keys, authenticator: access.authenticator, files: files, environments: environments,
            cleanup: cleanup, uploads: resumable, audit: storage.audit, auditDays: settings.auditRetentionDays, usage: storage.usage,
            usageDays: settings.usageRetentionDays, requests: storage.requests,
            inboxes: storage.events, inboxDays: settings.notificationRetentionDays, events: events, meter: access.meter, clock: clock, logger: logger
        )
        try await housekeeping.sweep()
        try await resumable.sweep()
        try await storage.requests.interruptAll()
        access.meter.restore(try await storage.usage.spendings(at: clock.now))
        try await activation.restore()
        let watcher = AccessWatcher(
            changes: storage.changes, keys: storage.keys, sessions: storage.sessions, models: storage.models, authenticator: access.authenticator,
            directory: access.directory, deployments: deployments, audit: access.audit, clock: clock, logger: logger)
        try await watcher.reload()

        let models = ModelService(
            models: storage.models, apis: storage.apis, usage: storage.usage, validations: storage.validations, audit: storage.audit,
            deployments: deployments, activation: activation, files: files, runner: runner, clock: clock
        )
        let registry = RegistryService(
            models: models, records: storage.records, promotions: storage.promotions, catalogue: storage.catalogue, audit: storage.audit, clock: clock, logger: logger)
        let stages = StageService(
            models: models, registry: registry, promotions: storage.promotions, activation: activation, groups: storage.groups, events: events,
            audit: storage.audit, clock: clock)
        let services = AppServices(
            access: access, requests: storage.requests, models: models, registry: registry,
            stages: stages, batches: BatchService(models: models, catalogue: storage.models, registry: registry, stages: stages, clock: clock, logger: logger),
            marketplace: MarketplaceService(
                models: models, registry: registry, ratings: storage.ratings, community: storage.community, publisher: publisher, audit: storage.audit, clock: clock),
            community: CommunityService(
                models: models, community: storage.community, users: storage.users, activation: activation, events: events, audit: storage.audit, clock: clock),
            inbox: InboxService(events: storage.events, service: events, clock: clock),
            webhooks: WebhookService(
                webhooks: storage.webhooks, deliverer: deliverer, secrets: secrets, networks: settings.webhookNetworks, audit: storage.audit, clock: clock),
            bundles: BundleService(
                registry: registry, provenance: provenance, publisher: publisher, scanner: scanner, files: files, trusted: settings.trustedKeys,
                maximumBytes: settings.maximumUpload + (64 << 20), clock: clock),
            comparison: ComparisonService(registry: registry, models: models, pinned: pinned, calls: predictions, files: files, environments: environments),
            cleanup: cleanup, graceSeconds: settings.deleteGraceSeconds,
            permissions: ModelPermissions(
                models: storage.models, grants: storage.grants, users: storage.users, groups: storage.groups, deployments: deployments, events: events,
                audit: storage.audit, clock: clock),
            receiver: UploadReceiver(files: files, limits: .init(maximumModel: settings.maximumUpload), clock: clock),
            publisher: publisher, archives: archives, resumable: resumable,
            predictions: predictions, jobs: jobs, pinned: pinned, tasks: storage.tasks, runner: runner,
            health: ServerHealth(
                storage: storage, data: data, pool: pool, evaluators: evaluators, deployments: deployments, usage: usage, clock: clock, started: clock.now
            ).check,
            web: WebPolicy(isSecure: certificate != nil, origins: settings.corsOrigins, metricsAddresses: settings.metricsAddresses), clock: clock
        )
        let listening = Listening(
            host: settings.host, port: settings.port, timeLimits: RequestTimeLimits(total: settings.requestTimeout), certificate: certificate)
        let web = WebServer.application(services, at: listening, logger: logger, onListening: onListening)
        // In the order of dependency: what comes last is stopped first.
        let running: [any Service] = [lines, usage, pool, deliverer, events, runner, housekeeping, watcher] + (certificate.map { [$0] } ?? []) + [web]
        var configuration = ServiceGroupConfiguration(
            services: running.map { ServiceGroupConfiguration.ServiceConfiguration(service: $0) },
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger
        )
        configuration.maximumGracefulShutdownDuration = Duration.seconds(30)
        try await ServiceGroup(configuration: configuration).run()
        try await storage.database.close()
    }

    private func makeAccess(_ storage: Storage, _ data: DataFolder) async throws -> AccessServices {
        await AccessServices(
            storage.access, tokenKeys: try data.tokenKeys().map { AccessTokens.Key(id: $0.id, secret: $0.secret) }, policy: settings.access,
            shared: settings.redis.map { RedisBuckets(RedisClient($0)) }, clock: clock, logger: logger)
    }

    /// Makes the first admin.
    private func addAdmin(_ storage: Storage, _ access: AccessServices) async throws {
        guard let admin = settings.admin, try await storage.users.count() == 0 else { return }
        let user = try await access.accounts.add(email: admin.email, username: "admin", password: admin.password, role: .admin)
        logger.info("Made the first admin", metadata: ["user": "\(user.id)"])
    }

    private func folderKeys(_ data: DataFolder) throws -> FolderKeys {
        guard settings.isEncrypted || settings.masterKey.isGiven else { return FolderKeys(root: data.root) }
        return FolderKeys(root: data.root, master: try settings.masterKey.keyring(), sealsNew: settings.isEncrypted)
    }

    private func makeSandbox(_ data: DataFolder) throws -> Sandbox {
        let sandbox = Sandbox(limits: SandboxLimits(memoryBytes: settings.workerMemory), environments: data.environments)
        let isStrong = sandbox.level == .full || sandbox.level == .rootNamespaces
        guard isStrong || !settings.isSandboxRequired else {
            throw PlatformError(
                .unavailable,
                "The sandbox reaches level \(sandbox.level.rawValue) only (\(sandbox.level.summary)). hint: martlet doctor says what is missing; MARTLET_SANDBOX=best-effort starts all the same."
            )
        }
        logger.info("Sandbox", metadata: ["level": "\(sandbox.level.rawValue)", "cgroups": "\(sandbox.cgroups.version?.rawValue ?? "none")"])
        return sandbox
    }
}

/// Hands the runner to those who were built before it.
private final class RunnerBox: Sendable {
    private let runner = Mutex<TaskRunner?>(nil)

    func set(_ runner: TaskRunner) { self.runner.withLock { $0 = runner } }

    func wake() { runner.withLock { $0 }?.wake() }
}
