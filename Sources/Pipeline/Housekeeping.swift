package import Access
package import Domain
package import Logging
internal import NIOPosix
internal import ServiceLifecycle
package import Store
package import Workers

/// Work in the background: key usage is written down, files of deleted models and unused environments go.
package struct Housekeeping: Service {
    private let models: any ModelRepository
    private let keys: any APIKeyRepository
    private let authenticator: Authenticator
    private let files: VersionFiles
    private let environments: EnvironmentStore
    private let graceSeconds: Int64
    private let audit: any AuditRepository
    private let auditDays: Int64
    private let usage: any UsageRepository
    private let usageDays: Int64
    private let clock: any WallClock
    private let logger: Logger

    /// - Parameters:
    ///   - graceSeconds: How long the files of a deleted model are kept.
    ///   - auditDays: How long entries of the audit log are kept; 0: for good.
    ///   - usageDays: How long single calls are kept; 0: for good.
    package init(
        models: any ModelRepository, keys: any APIKeyRepository, authenticator: Authenticator, files: VersionFiles,
        environments: EnvironmentStore, graceSeconds: Int64, audit: any AuditRepository, auditDays: Int64,
        usage: any UsageRepository, usageDays: Int64, clock: any WallClock, logger: Logger
    ) {
        self.models = models
        self.keys = keys
        self.authenticator = authenticator
        self.files = files
        self.environments = environments
        self.graceSeconds = graceSeconds
        self.audit = audit
        self.auditDays = auditDays
        self.usage = usage
        self.usageDays = usageDays
        self.clock = clock
        self.logger = logger
    }

    /// Removes what a killed server left behind; to be called before anything is served.
    package func sweep() async throws {
        let known = try await models.knownFolders()
        let removed = try await NIOThreadPool.singleton.runIfActive { [files] in files.sweep(known: known) }
        try await evictEnvironments(olderThan: 0)
        if removed > 0 { logger.info("Removed what an interrupted upload left behind", metadata: ["folders": "\(removed)"]) }
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var seconds = 0
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(5))
                seconds += 5
                await self.writeKeyUses()
                if seconds % 60 == 0 { await self.purge() }
                if seconds % 600 == 0 { await self.trimAudit() }
                if seconds % 60 == 30 { await self.trimUsage() }
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
        let used = Set(try await models.usedEnvironments())
        try await NIOThreadPool.singleton.runIfActive { [environments] in environments.sweep(keeping: used, olderThan: age) }
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

    /// Removes the files of models that were deleted longer ago than the grace period.
    package func purge() async {
        do {
            for model in try await models.purgeable(before: clock.now.adding(seconds: -graceSeconds)) {
                let versions = try await models.versions(of: model.id)
                try await NIOThreadPool.singleton.runIfActive { [files] in files.removeAll(versions) }
                try await models.markPurged(model.id)
                logger.info("Removed the files of a deleted model", metadata: ["model": "\(model.id)"])
            }
        } catch {
            logger.error("Deleted models could not be purged", metadata: ["error": "\(error)"])
        }
    }
}
