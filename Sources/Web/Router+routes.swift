package import Access
package import Domain
package import Hummingbird
package import Pipeline
package import Serving

/// What the operator decided about browsers.
package struct WebPolicy: Sendable {
    /// Whether the server is reached by TLS only.
    package var isSecure: Bool
    /// Web sites whose scripts may call the API.
    package var origins: Set<String>
    /// Who may read `/metrics` without a login.
    package var metricsAddresses: [AddressRange]

    package init(isSecure: Bool = false, origins: Set<String> = [], metricsAddresses: [AddressRange] = []) {
        self.isSecure = isSecure
        self.origins = origins
        self.metricsAddresses = metricsAddresses
    }
}

/// Everything that the routes call; built once by the composition root.
package struct AppServices: Sendable {
    package let access: AccessServices
    package let requests: any IdempotencyRepository
    package let models: ModelService
    package let registry: RegistryService
    package let stages: StageService
    package let batches: BatchService
    package let marketplace: MarketplaceService
    package let community: CommunityService
    package let inbox: InboxService
    package let webhooks: WebhookService
    package let bundles: BundleService
    package let comparison: ComparisonService
    package let cleanup: CleanupService
    package let graceSeconds: Int64
    package let permissions: ModelPermissions
    package let receiver: UploadReceiver
    package let publisher: PublishService
    package let archives: ArchiveUploads
    package let resumable: ResumableUploads
    package let predictions: PredictionService
    package let jobs: PredictionJobs
    package let pinned: PinnedVersions
    package let tasks: any TaskRepository
    package let runner: TaskRunner
    package let health: HealthCheck
    package let web: WebPolicy
    package let clock: any WallClock
    package let metrics = RequestMetrics()

    package init(
        access: AccessServices, requests: any IdempotencyRepository, models: ModelService, registry: RegistryService, stages: StageService,
        batches: BatchService, marketplace: MarketplaceService, community: CommunityService, inbox: InboxService,
        webhooks: WebhookService, bundles: BundleService, comparison: ComparisonService, cleanup: CleanupService,
        graceSeconds: Int64,
        permissions: ModelPermissions, receiver: UploadReceiver,
        publisher: PublishService, archives: ArchiveUploads, resumable: ResumableUploads,
        predictions: PredictionService, jobs: PredictionJobs, pinned: PinnedVersions, tasks: any TaskRepository, runner: TaskRunner, health: HealthCheck, web: WebPolicy,
        clock: any WallClock
    ) {
        self.access = access
        self.requests = requests
        self.models = models
        self.registry = registry
        self.stages = stages
        self.batches = batches
        self.marketplace = marketplace
        self.community = community
        self.inbox = inbox
        self.webhooks = webhooks
        self.bundles = bundles
        self.comparison = comparison
        self.cleanup = cleanup
        self.graceSeconds = graceSeconds
        self.permissions = permissions
        self.receiver = receiver
        self.publisher = publisher
        self.archives = archives
        self.resumable = resumable
        self.predictions = predictions
        self.jobs = jobs
        self.pinned = pinned
        self.tasks = tasks
        self.runner = runner
        self.health = health
        self.web = web
        self.clock = clock
    }
}

extension Router where Context == AppContext {
    /// The whole HTTP surface, one line per family.
    package static func martlet(_ services: AppServices) -> Router<AppContext> {
        let router = Router(context: AppContext.self)
        router.add(middleware: RequestLogMiddleware(clock: services.clock, proxies: services.access.proxies, metrics: services.metrics))
        if !services.web.origins.isEmpty { router.add(middleware: CORSRules(origins: services.web.origins)) }
        router.add(middleware: ErrorMiddleware(clock: services.clock, methods: RouteMethods(describedRoutes), isSecure: services.web.isSecure))
        router.add(middleware: QueryRules())
        let sameSite = SameSiteRules(tokens: services.access.crossSiteTokens)
        router.add(
            middleware: AuthenticationMiddleware(
                authenticator: services.access.authenticator, limiter: services.access.limiter, audit: services.access.audit, sameSite: sameSite))
        router.add(middleware: IdempotencyMiddleware(requests: services.requests, clock: services.clock))
        AuditRoutes(audit: services.access.audit).add(to: router.group("api/v1/audit"))
        let models = router.group("api/v1/ml-models")
        AccountRoutes(accounts: services.access.accounts, standards: services.access.standards).add(to: router.group("api/v1/auth"))
        BrowserSessionRoutes(
            accounts: services.access.accounts, standards: services.access.standards, isSecure: services.web.isSecure, rules: sameSite
        ).add(to: router.group("api/v1/auth"))
        UserRoutes(administration: services.access.administration, permissions: services.permissions, standards: services.access.standards).add(
            to: router.group("api/v1/users"))
        RoleRoutes(roles: services.access.roles).add(to: router.group("api/v1/roles"))
        GroupRoutes(groups: services.access.groups).add(to: router.group("api/v1/groups"))
        InvitationRoutes(invitations: services.access.invitations).add(to: router.group("api/v1/invitations"))
        APIKeyRoutes(keys: services.access.keys).add(to: router.group("api/v1/api-keys"))
        let door = UploadDoor(receiver: services.receiver, publisher: services.publisher, archives: services.archives, limiter: services.access.limiter)
        ModelRoutes(models: services.models, door: door).add(to: models)
        PermissionRoutes(permissions: services.permissions).add(to: models)
        VersionRoutes(models: services.models, registry: services.registry).add(to: models)
        ValidationRoutes(models: services.models).add(to: models)
        let predictions = PredictionRoutes(
            authenticator: services.access.authenticator, models: services.models, predictions: services.predictions, jobs: services.jobs, pinned: services.pinned)
        predictions.add(to: models)
        let predict = router.group("api/v1/predict")
        predictions.addShort(to: predict)
        ModelAPIRoutes(models: services.models).add(to: models)
        let registry = router.group("api/v1/models")
        let catalogue = CatalogueRoutes(models: services.models, registry: services.registry)
        catalogue.add(to: registry)
        catalogue.addPlatform(to: router.group("api/v1"))
        RegistryUploadRoutes(registry: services.registry, door: door).add(to: registry)
        RegistryRoutes(models: services.models, registry: services.registry).add(to: registry)
        RegistryVersionRoutes(models: services.models, registry: services.registry, stages: services.stages).add(to: registry)
        StageRoutes(stages: services.stages).add(to: registry)
        BundleRoutes(bundles: services.bundles, registry: services.registry, door: door).add(to: registry, router.group("api/v1"))
        ComparisonRoutes(comparison: services.comparison).add(to: registry)
        let cleanup = CleanupRoutes(cleanup: services.cleanup, registry: services.registry, graceSeconds: services.graceSeconds)
        cleanup.add(to: router.group("api/v1/maintenance"))
        cleanup.addVersions(to: registry)
        let marketplace = MarketplaceRoutes(marketplace: services.marketplace, limiter: services.access.limiter)
        marketplace.add(to: router.group("api/v1/marketplace"))
        marketplace.addModels(to: models)
        let community = CommunityRoutes(community: services.community)
        community.addModels(to: models)
        community.add(to: router.group("api/v1/reports"))
        NotificationRoutes(inbox: services.inbox, authenticator: services.access.authenticator).add(to: router.group("api/v1/notifications"))
        WebhookRoutes(webhooks: services.webhooks).add(to: router.group("api/v1/webhooks"))
        ResumableRoutes(uploads: services.resumable, registry: services.registry, limiter: services.access.limiter).add(to: router.group("api/v1/uploads"))
        let usage = UsageRoutes(models: services.models, clock: services.clock)
        usage.add(to: registry)
        usage.addHistory(to: predict)
        BatchRoutes(batches: services.batches).add(to: registry)
        LimitRoutes(limiter: services.access.limiter, meter: services.access.meter, models: services.models).add(to: router.group("api/v1/limits"))
        TaskRoutes(tasks: services.tasks, runner: services.runner).add(to: router.group("api/v1/tasks"))
        HealthRoutes(health: services.health, registry: services.registry).add(to: router)
        MetricsRoutes(registry: services.registry, requests: services.metrics, health: services.health, addresses: services.web.metricsAddresses).add(to: router)
        ReferenceRoutes().add(to: router)
        return router
    }

    /// `METHOD /path` of everything routed.
    package var routed: Set<String> {
        Set(routes.map { "\($0.method.rawValue) \($0.path.description)" })
    }

    private static var describedRoutes: [RouteMethods.Route] {
        // A path that one model gave its API says nothing about other models.
        APIReference.operations.filter { !$0.path.contains("{endpoint}") }.map {
            RouteMethods.Route(segments: $0.path.split(separator: "/").map(String.init), method: $0.method)
        }
    }
}
