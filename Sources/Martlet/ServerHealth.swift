internal import Database
internal import Domain
internal import Foundation
internal import Serving
internal import Store
internal import Synchronization
internal import Web
internal import Workers

/// What the server knows about its own state.
struct ServerHealth: Sendable {
    private static let leastFreeBytes: Int64 = 256 << 20
    let storage: Storage
    let data: DataFolder
    let pool: WorkerPool
    let evaluators: EvaluatorPool
    let deployments: DeploymentDirectory
    let usage: UsageBuffer
    let clock: any WallClock
    let started: Timestamp

    var check: HealthCheck {
        HealthCheck(clock: clock, facts: facts, checks: checks, gauges: gauges, transactions: { storage.database.transactions })
    }

    @Sendable private func facts() async -> HealthCheck.Facts {
        let models = try? await storage.catalogue.modelCount()
        let isGood = models != nil
        return HealthCheck.Facts(
            isHealthy: isGood,
            members: [
                "status": isGood ? "healthy" : "unhealthy", "service": "martlet",
                "checks": .object([
                    "database": isGood ? "ok" : "failed",
                    "sandbox": .object(["level": .string(pool.sandbox.level.rawValue), "summary": .string(pool.sandbox.level.summary)]),
                ]),
                "models": .object(["deployed": .int(deployments.count), "loaded": .int(pool.loadedCount + evaluators.loadedCount)]),
                "mongodb_connected": .bool(isGood), "gridfs_available": .bool(isWritable), "total_models": models.map { .int($0) } ?? .null,
                "started_at": .string(started.description), "timestamp": .string(clock.now.description),
            ])
    }

    @Sendable private func checks() async -> [HealthCheck.Check] {
        let free = freeBytes
        let level = pool.sandbox.level
        let isDatabaseGood = (try? await storage.users.count()) != nil
        let queued = try? await storage.tasks.queuedCount()
        let broken = try? await storage.catalogue.drift()
        return [
            .init("database", isGood: isDatabaseGood, says: isDatabaseGood ? "healthy" : "does not answer"),
            .init("storage", isGood: isWritable, says: isWritable ? "healthy" : "the data folder cannot be written"),
            // The names that requirements 2 give to the database and to the files of models.
            .init("mongodb", isGood: isDatabaseGood, says: isDatabaseGood ? "healthy" : "does not answer"),
            .init("gridfs", isGood: isWritable, says: isWritable ? "healthy" : "the data folder cannot be written"),
            .init("disk_space", isGood: free >= Self.leastFreeBytes, says: "\(free) bytes are free"),
            .init("model_registry", isGood: broken == 0, says: broken.map { $0 == 0 ? "healthy" : "\($0) counters differ from the rows" } ?? "could not be checked"),
            .init("sandbox", isGood: level.mayRunCode, says: "level \(level.rawValue): \(level.summary)"),
            .init("workers", isGood: true, says: "\(pool.loadedCount) loaded"),
            .init("queue", isGood: queued != nil, says: queued.map { "\($0) tasks wait" } ?? "does not answer"),
            .init("usage", isGood: usage.dropped == 0, says: "\(usage.dropped) calls were not written down"),
        ]
    }

    @Sendable private func gauges() async -> [HealthCheck.Gauge] {
        [
            .init("martlet_deployed_models", "Models with a version that serves.", Double(deployments.count)),
            .init("martlet_loaded_models", "Models in memory.", Double(pool.loadedCount + evaluators.loadedCount)),
            .init("martlet_worker_processes", "Models in sandboxed workers.", Double(pool.loadedCount)),
            .init("martlet_queued_tasks", "Tasks that wait.", Double((try? await storage.tasks.queuedCount()) ?? 0)),
            .init("martlet_dropped_usage_records_total", "Calls that could not be written down.", Double(usage.dropped), isCounter: true),
            .init("martlet_free_disk_bytes", "Bytes that are free below the data folder.", Double(freeBytes)),
            .init("process_resident_memory_bytes", "Memory of the server without its workers.", Double(residentBytes)),
            .init("process_start_time_seconds", "When the server was started, since 1970.", Double(started.milliseconds) / 1000),
        ]
    }

    private var isWritable: Bool { FileManager.default.isWritableFile(atPath: data.uploads) && FileManager.default.isWritableFile(atPath: data.models) }

    private var freeBytes: Int64 {
        (try? FileManager.default.attributesOfFileSystem(forPath: data.root)[.systemFreeSize] as? NSNumber)?.int64Value ?? 0
    }

    /// Second number of statm, in pages: https://man7.org/linux/man-pages/man5/proc_pid_statm.5.html
    private var residentBytes: Int64 {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        return (text.split(separator: " ").dropFirst().first.flatMap { Int64($0) } ?? 0) * Int64(sysconf(Int32(_SC_PAGESIZE)))
    }
}
