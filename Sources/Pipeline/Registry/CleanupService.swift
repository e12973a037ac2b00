package import Domain
package import Store
internal import NIOPosix
package import Serving

/// Removes what nobody needs by the operator's policy, after a look at what that would be; files go after the grace period.
package struct CleanupService: Sendable {
    package let policy: CleanupPolicy
    private let cleanup: any CleanupRepository
    private let models: any ModelRepository
    private let deployments: DeploymentDirectory
    private let files: VersionFiles
    private let audit: any AuditRepository
    private let graceSeconds: Int64
    private let clock: any WallClock

    package init(
        policy: CleanupPolicy, cleanup: any CleanupRepository, models: any ModelRepository, deployments: DeploymentDirectory, files: VersionFiles,
        audit: any AuditRepository, graceSeconds: Int64, clock: any WallClock
    ) {
        self.policy = policy
        self.cleanup = cleanup
        self.models = models
        self.deployments = deployments
        self.files = files
        self.audit = audit
        self.graceSeconds = graceSeconds
        self.clock = clock
    }

    /// What ``run(_:by:)`` would do now.
    package func plan(_ policy: CleanupPolicy) async throws -> [CleanupItem] {
        try await cleanup.items(policy, at: clock.now)
    }

    /// Carries a plan out; each item is looked at once more just before.
    /// - Parameter user: nil for the server itself.
    /// - Returns: What was done.
    package func run(_ policy: CleanupPolicy, by user: UserID?) async throws -> [CleanupItem] {
        var done: [CleanupItem] = []
        for item in try await plan(policy) {
            guard try await cleanup.stillHolds(item, policy, at: clock.now) else { continue }
            do {
                try await carryOut(item)
            } catch let error as PlatformError where [.conflict, .notFound, .modelNotFound].contains(error.code) {
                continue
            }
            done.append(item)
            try await audit.note(
                "cleanup.\(item.action.rawValue)", on: item.modelID, by: user,
                ["version": item.versionID.map { .string($0.rawValue) } ?? .null, "bytes": .int(item.bytes)], at: clock.now)
        }
        return done
    }

    /// Removes one version by hand.
    package func delete(_ version: VersionID, of model: ModelID, by user: UserID) async throws {
        try await cleanup.delete(version, of: model, at: clock.now)
        deployments.unpin(version, of: model)
        try await audit.note("version.deleted", on: model, by: user, ["version": .string(version.rawValue)], at: clock.now)
    }

    /// Removes the files of what was deleted longer ago than the grace period.
    /// - Returns: Bytes that became free.
    package func purge() async throws -> Int64 {
        let moment = clock.now.adding(seconds: -graceSeconds)
        var freed: Int64 = 0
        for version in try await cleanup.purgeableVersions(before: moment) {
            try await NIOThreadPool.singleton.runIfActive { [files] in files.removeFolder(of: version) }
            try await cleanup.markPurged(version.id)
            freed += version.fileSize
        }
        for model in try await models.purgeable(before: moment) {
            let versions = try await models.versions(of: model.id)
            try await NIOThreadPool.singleton.runIfActive { [files] in files.removeAll(versions) }
            try await models.markPurged(model.id)
            freed += versions.reduce(0) { $0 + $1.fileSize }
        }
        return freed
    }

    private func carryOut(_ item: CleanupItem) async throws {
        switch item.action {
        case .deleteVersion:
            guard let version = item.versionID else { return }
            try await cleanup.delete(version, of: item.modelID, at: clock.now)
            deployments.unpin(version, of: item.modelID)
        case .deleteModel:
            try await models.delete(item.modelID, at: clock.now)
            deployments.remove(item.modelID)
        case .archiveModel:
            guard var model = try await models.model(item.modelID)?.model else { return }
            let readAt = model.updatedAt
            model.status = .archived
            model.updatedAt = max(clock.now, readAt.adding(milliseconds: 1))
            guard try await models.update(model, readAt: readAt) else { throw PlatformError(.conflict, "The model was changed meanwhile.") }
            deployments.remove(item.modelID)
        }
    }
}
