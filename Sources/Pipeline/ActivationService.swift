package import Domain
internal import NIOPosix
package import Serving
package import Store
package import Workers

/// Makes a version the one that serves: in the database, on disk and in memory.
package struct ActivationService: Sendable {
    private let models: any ModelRepository
    private let apis: any ModelAPIRepository
    private let files: VersionFiles
    private let provenance: ProvenanceService
    private let pool: WorkerPool
    private let evaluators: EvaluatorPool
    private let batching: BatchingRunner.Limits
    private let deployments: DeploymentDirectory
    private let clock: any WallClock

    package init(
        models: any ModelRepository, apis: any ModelAPIRepository, files: VersionFiles, provenance: ProvenanceService, pool: WorkerPool, evaluators: EvaluatorPool,
        batching: BatchingRunner.Limits,
        deployments: DeploymentDirectory,
        clock: any WallClock
    ) {
        self.models = models
        self.apis = apis
        self.files = files
        self.provenance = provenance
        self.pool = pool
        self.evaluators = evaluators
        self.batching = batching
        self.deployments = deployments
        self.clock = clock
    }

    /// Activates a validated version. It is loaded first, so that the first prediction does not wait.
    /// - Throws: `conflict` when the version failed its validation or has none yet.
    package func activate(_ version: ModelVersion, of model: Model) async throws {
        guard version.validationStatus.mayServe else {
            throw PlatformError(
                .conflict,
                "Version \(version.version) cannot be activated: its validation \(version.validationStatus == .failed ? "failed" : "has not ended").",
                details: .object(["validation_status": .string(version.validationStatus.rawValue)])
            )
        }
        guard let deployment = deployment(model, version, try await api(of: version)) else {
            throw Self.unsigned(version)
        }
        try await warmUp(deployment.runner)
        do {
            try await models.activate(version.id, of: model.id, at: clock.now)
            try await NIOThreadPool.singleton.runIfActive { [files] in try files.setCurrent(version) }
        } catch {
            deployment.runner.retire()
            throw error
        }
        deployments.deploy(deployment)
        // It was loaded for a while: what was decided meanwhile counts.
        try await refreshRules(of: model.id)
    }

    /// Lets what the database says of who may do what count; a model that is gone is taken out of service.
    package func refreshRules(of id: ModelID) async throws {
        guard let model = try await models.model(id)?.model else { return deployments.remove(id) }
        deployments.update(id) { $0.with(rules: model.rules).with(history: model.history) }
    }

    /// Lets what a validation said of a version count, where the version is called by a name.
    func revalidated(_ version: ModelVersion) {
        deployments.unpin(version.id, of: version.modelID)
    }

    /// Takes a version that failed a later validation out of service.
    package func withdraw(_ version: ModelVersion, of model: Model) async throws {
        try await models.deactivate(model.id, validationStatus: version.validationStatus, at: clock.now)
        deployments.remove(model.id)
    }

    /// Brings every active version into memory at the start of the server; workers start at the first request.
    package func restore() async throws {
        for (model, version, api) in try await models.deployable() where version.validationStatus.mayServe {
            if let deployment = deployment(model, version, api) { deployments.deploy(deployment) }
        }
    }

    /// The API of the model, made at the first activation.
    private func api(of version: ModelVersion) async throws -> ModelAPI {
        let now = clock.now
        var api =
            try await apis.api(of: version.modelID)
            ?? ModelAPI(
                id: APIID(at: now), modelID: version.modelID, versionID: version.id, endpointPath: "/predict", isActive: true,
                rateLimitPerMinute: nil, isAsync: false, createdAt: now, updatedAt: now
            )
        api.versionID = version.id
        api.updatedAt = now
        try await apis.save(api)
        return api
    }

    /// A version that may be called, not loaded yet.
    /// - Throws: `conflict` for one that was never validated.
    func deployment(_ model: Model, _ version: ModelVersion) throws -> Deployment {
        guard let deployment = deployment(model, version, nil) else { throw Self.unsigned(version) }
        return deployment
    }

    private static func unsigned(_ version: ModelVersion) -> PlatformError {
        PlatformError(.conflict, "Version \(version.version) has no signature. hint: validate it again.")
    }

    private func warmUp(_ runner: any ModelRunner) async throws {
        switch runner {
        case let slot as WorkerSlot: try await slot.warmUp()
        case let slot as EvaluatorSlot: try await slot.warmUp()
        case let batching as BatchingRunner: try await warmUp(batching.inner)
        default: break
        }
    }

    private func deployment(_ model: Model, _ version: ModelVersion, _ api: ModelAPI?) -> Deployment? {
        guard let signature = version.signature, let key = version.environmentKey else { return nil }
        let runtime = version.runtime ?? .python
        let check: @Sendable () throws -> Void = { [provenance] in try provenance.check(version) }
        let worker =
            if runtime == .onnx, let converted = version.converted {
                pool.makeSlot(files.artifact(of: converted, of: version, check: check), environmentKey: converted.environmentKey)
            } else {
                pool.makeSlot(files.artifact(version, check: check), environmentKey: key)
            }
        let runner: any ModelRunner =
            switch runtime {
            case .swift: evaluators.makeSlot(library: worker, load: EvaluatorLoader(version, files: files, check: check).load)
            // The uploader's own function may look at its rows together, and so may a network.
            case _ where version.customAPIHash != nil || signature.hasIndependentRows == false || batching.rows <= 1: worker
            default: BatchingRunner(worker, limits: batching)
            }
        return Deployment(
            modelID: model.id, versionID: version.id, version: version.version, signature: signature, rules: model.rules, api: api, history: model.history,
            runtime: runtime, runner: runner
        )
    }
}
