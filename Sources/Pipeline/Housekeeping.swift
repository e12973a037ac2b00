package import Access
package import Domain
package import Logging
internal import NIOPosix
internal import ServiceLifecycle
package import Store
package import Workers

/// Work in the background: key usage is written down, files of deleted models and unused environments go.
package struct Housekeeping: Service {
    private static let sweptAtOnce = 200
    private let models: any ModelRepository
    private let keys: any APIKeyRepository
    private let authenticator: Authenticator
    private let files: VersionFiles
    private let environments: EnvironmentStore
    private let cleanup: CleanupService
    private let uploads: ResumableUploads
    private let audit: any AuditRepository
    private let auditDays: Int64
    private let usage: any UsageRepository
    private let usageDays: Int64
    private let requests: any IdempotencyRepository
    private let inboxes: any EventRepository
    private let inboxDays: Int64
    private let events: EventService
    private let meter: KeyMeter
    private let clock: any WallClock
    private let logger: Logger

    /// - Parameters:
    ///   - auditDays: How long entries of the audit log are kept; 0: for good.
    ///   - usageDays: How long single calls are kept; 0: for good.
    ///   - inboxDays: How long notifications, and deliveries that ended, are kept; 0: for good.
    package init(
        models: any ModelRepository, keys: any APIKeyRepository, authenticator: Authenticator, files: VersionFiles,
        environments: EnvironmentStore, cleanup: CleanupService, uploads: ResumableUploads, audit: any AuditRepository, auditDays: Int64,
        usage: any UsageRepository, usageDays: Int64, requests: any IdempotencyRepository, inboxes: any EventRepository, inboxDays: Int64,
        events: EventService, meter: KeyMeter, clock: any WallClock, logger: Logger
    ) {
        self.models = models
        self.keys = keys
        self.authenticator = authenticator
        self.files = files
        self.environments = environments
        self.cleanup = cleanup
        self.uploads = uploads
        self.audit = audit
        self.auditDays = auditDays
        self.usage = usage
        self.usageDays = usageDays
        self.requests = requests
        self.inboxes = inboxes
        self.inboxDays = inboxDays
        self.events = events
        self.meter = meter
        self.clock = clock
        self.logger = logger
    }

    /// Removes what a killed server left behind; to be called before anything is served.
    package func sweep() async throws {
        var (removed, owners) = try await NIOThreadPool.singleton.runIfActive { [files] in (files.sweepUploads(), files.modelFolders()) }
        for folders in owners {
            // Some at a time: a catalogue may have millions of versions.
            for start in stride(from: 0, to: folders.count, by: Self.sweptAtOnce) {
                let some = folders[start..<min(start + Self.sweptAtOnce, folders.count)]
                let known = try await models.knownFolders(of: some.compactMap { $0.split(separator: "/").last.map { ModelID(stored: String($0)) } })
                removed += try await NIOThreadPool.singleton.runIfActive { [files] in files.sweep(some, known: known) }
            }
        }
        try await evictEnvironments(olderThan: 0)
        try await models.learnSize()
        if removed > 0 { logger.info("Removed what an interrupted upload left behind", metadata: ["folders": "\(removed)"]) }
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var seconds = 0
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(5))
                seconds += 5
                await self.writeKeyUses()
                await self.warnOfBudgets()
                if seconds % 60 == 0 { await self.purge() }
                if seconds % 600 == 0 { await self.trimAudit() }
                if seconds % 60 == 30 { await self.trimUsage() }
                if seconds % 3600 == 0 { await self.cleanUp() }
                if seconds % 3600 == 0, self.inboxDays > 0 { try? await self.inboxes.remove(before: self.clock.now.adding(seconds: -self.inboxDays * 86_400)) }
                if seconds % 3600 == 0 { try? await self.uploads.removeExpired() }
                if seconds % 3600 == 0 { try? await self.models.learnSize() }
                if seconds % 3600 == 0 { try? await self.requests.remove(before: self.clock.now.adding(seconds: -86_400)) }
                if seconds % 3600 == 0 { try? await self.evictEnvironments(olderThan: 3600) }
            }
        }
        await writeKeyUses()
    }

    /// Removes inputs and outputs that were kept long enough, and single calls that are older than they are wanted.
    package func trimUsage() async {
        do {
            try await usage.forgetBodies(at: clock.now)
            guard usageDays > 0 else { return }
            let end = clock.now.adding(seconds: -usageDays * 86_400)
            while try await usage.remove(before: end) > 0 { try Task.checkCancellation() }
        } catch {
            logger.error("Old calls stayed", metadata: ["error": "\(error)"])
        }
    }

    private func trimAudit() async {
        guard auditDays > 0 else { return }
        do {
            let removed = try await audit.remove(before: clock.now.adding(seconds: -auditDays * 86_400))
            if removed > 0 { logger.info("Removed old entries of the audit log", metadata: ["entries": "\(removed)"]) }
        } catch {
            logger.error("Old entries of the audit log stayed", metadata: ["error": "\(error)"])
        }
    }

    /// Removes environments that no version in the catalogue runs in.
    private func evictEnvironments(olderThan age: Double) async throws {
        let keys = try await NIOThreadPool.singleton.runIfActive { [environments] in environments.keys() }
        let used = try await models.usedEnvironments(among: keys)
        try await NIOThreadPool.singleton.runIfActive { [environments] in environments.sweep(keeping: used, olderThan: age) }
    }

    /// Tells the owners of keys whose budgets are nearly used up.
    private func warnOfBudgets() async {
        for warning in meter.takeWarnings() {
            let budget = warning.state.budget
            let details: [String: JSONValue] = [
                "key_id": .string(warning.key.rawValue), "period": .string(budget.period.rawValue), "resets_at": .string(warning.state.resetsAt.description),
            ]
            await events.limitNear(
                "\(budget.unit.rawValue) of a key, a \(budget.period.rawValue)", used: Int64(warning.state.used), of: Int64(budget.hard ?? budget.soft ?? 0),
                details: details, to: warning.user, at: clock.now)
        }
    }

    private func writeKeyUses() async {
        let uses = authenticator.takeUses()
        guard !uses.isEmpty else { return }
        do {
            try await keys.touch(uses)
        } catch {
            logger.error("When keys were last used was not written", metadata: ["error": "\(error)"])
        }
    }

    /// Removes the files of what was deleted longer ago than the grace period.
    package func purge() async {
        do {
            let freed = try await cleanup.purge()
            if freed > 0 { logger.info("Removed the files of what was deleted", metadata: ["bytes": "\(freed)"]) }
        } catch {
            logger.error("What was deleted could not be purged", metadata: ["error": "\(error)"])
        }
    }

    private func cleanUp() async {
        guard !cleanup.policy.isEmpty else { return }
        do {
            let done = try await cleanup.run(cleanup.policy, by: nil)
            if !done.isEmpty { logger.info("Cleaned up", metadata: ["items": "\(done.count)", "bytes": "\(done.reduce(0) { $0 + $1.bytes })"]) }
        } catch {
            logger.error("The clean-up stopped", metadata: ["error": "\(error)"])
        }
    }
}
