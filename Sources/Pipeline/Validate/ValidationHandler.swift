package import Domain
package import Formats
internal import Foundation
package import Logging
internal import NIOPosix
package import Store
package import Wire
package import Workers

/// Validates a version: six checks, from what costs nothing to what runs the model, and activates the first version.
package struct ValidationHandler: TaskHandler {
    let models: any ModelRepository
    private let records: any RecordRepository
    let validations: any ValidationRepository
    let files: VersionFiles
    let scanner: ArtifactScanner
    /// nil: no virus scanner is asked.
    let antivirus: Antivirus?
    let environments: EnvironmentStore
    let pool: WorkerPool
    let activation: ActivationService
    private let provenance: ProvenanceService
    private let events: EventService
    let limits: PredictLimits
    let clock: any WallClock
    let logger: Logger

    package init(
        models: any ModelRepository, records: any RecordRepository, validations: any ValidationRepository, files: VersionFiles, scanner: ArtifactScanner,
        antivirus: Antivirus?,
        environments: EnvironmentStore, pool: WorkerPool, activation: ActivationService, provenance: ProvenanceService, events: EventService, limits: PredictLimits,
        clock: any WallClock,
        logger: Logger
    ) {
        self.models = models
        self.records = records
        self.validations = validations
        self.files = files
        self.scanner = scanner
        self.antivirus = antivirus
        self.environments = environments
        self.pool = pool
        self.activation = activation
        self.provenance = provenance
        self.events = events
        self.limits = limits
        self.clock = clock
        self.logger = logger
    }

    package func run(_ task: PlatformTask, progress: TaskProgress) async throws -> JSONValue? {
        guard var validation = try await validations.validation(ValidationID(stored: task.subject)),
            let model = try await models.model(task.modelID)?.model, let version = try await models.version(task.versionID)
        else { throw PlatformError(.conflict, "The model was deleted before its validation.") }
        let start = ContinuousClock.now
        validation.state = .running
        try await validations.update(validation)
        var run = ValidationRun(model: model, version: version, clock: clock)
        var workers: [Worker] = []
        defer { for worker in workers { worker.end() } }
        do {
            try await check(&run, progress, &workers)
        } catch let error as PlatformError where error.code == .conflict {
            validation.state = .cancelled
            try await validations.update(validation)
            throw error
        } catch {
            try Task.checkCancellation()
            logger.error("A validation could not be carried out", metadata: ["version": "\(version.id)", "error": "\(error)"])
            run.fail("The validation could not be carried out; it can be started again.")
        }
        // A stopping server ended the workers: what failed now says nothing about the model.
        try Task.checkCancellation()
        try await finish(&run, validation, start)
        return .object(["validation_id": .string(validation.id.rawValue), "overall_status": .string(run.overallStatus.rawValue)])
    }

    package func cancelled(_ task: PlatformTask) async throws {
        guard var validation = try await validations.validation(ValidationID(stored: task.subject)) else { return }
        validation.state = .cancelled
        try await validations.update(validation)
    }

    /// Runs the checks in order; the first failure skips the rest.
    /// - Parameter workers: Gets the workers that were started, for the caller to end.
    private func check(_ run: inout ValidationRun, _ progress: TaskProgress, _ workers: inout [Worker]) async throws {
        try await progress.step("Reading the file", 0.05)
        let artifact = try await scan(&run)
        run.algorithm = artifact.flatMap(AlgorithmName.of)
        guard let artifact, !run.hasFailed else {
            return run.skipRest("Not run: an earlier check failed.")
        }
        try await progress.step("Preparing the environment", 0.2)
        guard let environment = try await prepareEnvironment(&run, artifact, progress) else {
            return run.skipRest("Not run: the environment could not be made.")
        }
        try await progress.step("Loading the model in the sandbox", 0.6)
        guard let (worker, samples) = try await tryOut(&run, environment) else {
            return run.skipRest("Not run: the model did not work.")
        }
        workers.append(worker)
        try await progress.step("Choosing the runtime", 0.75)
        let choice = try await chooseRuntime(&run, worker, samples)
        if let native = choice.worker { workers.append(native) }
        guard !run.hasFailed else {
            return run.skipRest("Not run: the runtime that was asked for cannot serve the model.")
        }
        let isIndependent = try await hasIndependentRows(run, artifact, samples, choice.probe)
        run.version.signature?.hasIndependentRows = isIndependent
        try await progress.step("Measuring", 0.8)
        try await measure(&run, choice.probe, samples)
    }

    private func finish(_ run: inout ValidationRun, _ pending: Validation, _ start: ContinuousClock.Instant) async throws {
        let now = clock.now
        let report = ValidationReport(
            overallStatus: run.overallStatus, checks: run.checks, recommendations: run.recommendations,
            runtime: run.hasFailed ? nil : run.runtime, runtimeReason: run.runtimeReason, sandbox: pool.sandbox.level.rawValue, executedAt: now,
            executionMilliseconds: start.duration(to: .now).milliseconds.rounded()
        )
        var validation = pending
        validation.state = .completed
        validation.report = report
        validation.executedAt = now
        guard !(run.isInconclusive && run.version.validationStatus.mayServe) else {
            return try await validations.update(validation)  // a version that was good before stays so
        }
        run.version.validationStatus = report.status
        run.version.validatedAt = now
        run.version.runtime = report.runtime
        let validated = run.version
        try await NIOThreadPool.singleton.runIfActive { [files] in try files.write(report, to: "validation_report.json", of: validated) }
        if let algorithm = run.algorithm { try await records.learn(algorithm, of: validated.id) }
        run.version.signedAt = try await provenance.sign(validated, of: run.model)
        let version = run.version
        try await models.update(version)
        activation.revalidated(version)
        do {
            try await settle(run.model, version)
        } catch {
            try Task.checkCancellation()
            logger.error("A validated version was not activated", metadata: ["version": "\(version.id)", "error": "\(error)"])
        }
        // Told before the task ends: after a kill in between it is told twice rather than never.
        await events.validated(run.model, version, status: version.validationStatus, by: validation.requestedBy, at: clock.now)
        try await validations.update(validation)
        logger.info("Validated", metadata: ["version": "\(version.id)", "status": "\(report.overallStatus)"])
    }

    /// Lets the model's own row follow: the first good version serves at once.
    private func settle(_ model: Model, _ version: ModelVersion) async throws {
        guard let current = try await models.model(model.id)?.model, current.status != .archived else { return }
        if version.validationStatus.mayServe, current.currentVersionID == nil || current.currentVersionID == version.id {
            try await activation.activate(version, of: current)
        } else if current.currentVersionID == version.id {
            try await activation.withdraw(version, of: current)
        } else if current.currentVersionID == nil {
            try await models.note(version.validationStatus, of: model.id, at: clock.now)
        }
    }
}
