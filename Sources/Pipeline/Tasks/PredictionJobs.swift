package import Domain
internal import Foundation
package import Serving
package import Wire

/// Predictions that are asked for now and answered later: durable tasks with the answer as their result.
package struct PredictionJobs: TaskHandler {
    /// Bytes of a body that is kept in the database until it is answered.
    private static let maximumBody = 4 << 20
    private let tasks: any TaskRepository
    private let predictions: PredictionService
    private let deployments: DeploymentDirectory
    private let pinned: PinnedVersions
    private let wake: @Sendable () -> Void
    private let clock: any WallClock

    /// - Parameter wake: Tells the runner that there is a new task.
    package init(
        tasks: any TaskRepository, predictions: PredictionService, deployments: DeploymentDirectory, pinned: PinnedVersions, clock: any WallClock,
        wake: @escaping @Sendable () -> Void
    ) {
        self.tasks = tasks
        self.predictions = predictions
        self.deployments = deployments
        self.pinned = pinned
        self.clock = clock
        self.wake = wake
    }

    /// Checks the rows at once, takes them from the key's budget, and queues them.
    /// - Parameter isPinned: Whether this version is to answer; else the one that serves by then.
    /// - Throws: what a direct prediction throws for a wrong body, `payloadTooLarge` beyond 4 MiB.
    package func enqueue(_ body: [UInt8], _ shape: PredictBody.Shape, _ entry: DeploymentDirectory.Entry, isPinned: Bool, _ principal: Principal) async throws
        -> PlatformTask
    {
        guard body.count <= Self.maximumBody else {
            throw PlatformError(.payloadTooLarge, "A queued prediction may hold \(Self.maximumBody) bytes.", details: .object(["limit_bytes": .int(Self.maximumBody)]))
        }
        let request = try PredictBody.parse(body, shape, table: entry.table, limits: predictions.limits)
        let charge = try predictions.charge(principal, rows: request.rows)
        let now = clock.now
        let task = PlatformTask(
            id: TaskID(at: now), kind: .prediction, modelID: entry.deployment.modelID, versionID: entry.deployment.versionID,
            ownerID: principal.userID, subject: shape == .batch ? "batch" : "single",
            input: .object([
                "body": .string(String(decoding: body, as: UTF8.self)), "key": principal.keyID.map { .string($0.rawValue) } ?? .null, "is_pinned": .bool(isPinned),
            ]), createdAt: now, updatedAt: now
        )
        do {
            try await tasks.add(task)
        } catch {
            charge.giveBack()
            throw error
        }
        wake()
        return task
    }

    package func run(_ task: PlatformTask, progress: TaskProgress) async throws -> JSONValue? {
        try await progress.step("Predicting", 0.1)
        let isPinned = task.input?["is_pinned"] == .bool(true)
        let found = isPinned ? try await pinned.entry(task.versionID.rawValue, of: task.modelID) : deployments.current(of: task.modelID)
        guard let entry = found else { throw PlatformError.notFound("model", task.modelID.rawValue) }
        let body = Array((task.input?["body"]?.stringValue ?? task.input?.stringValue ?? "").utf8)
        let key = (task.input?["key"]?.stringValue).map(KeyID.init(stored:))
        let shape: PredictBody.Shape = task.subject == "batch" ? .batch : .single
        let call = PredictionCall(of: task.ownerID, with: key, endpoint: "/predict (queued)") { _ in 500 }
        let answer = try await predictions.predict(body, shape, with: entry, call: call)
        return try JSONDecoder().decode(JSONValue.self, from: Data(answer.json))
    }
}
