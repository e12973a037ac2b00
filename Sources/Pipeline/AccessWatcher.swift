package import Access
package import Domain
package import Logging
internal import ServiceLifecycle
package import Serving

/// Keeps what requests are checked against up to date when another process changes it, another instance or the command line, and writes down
/// what was refused.
package struct AccessWatcher: Service {
    private static let interval = Duration.milliseconds(500)
    private let changes: any AccessChangeRepository
    private let keys: any APIKeyRepository
    private let sessions: any SessionRepository
    private let models: any ModelRepository
    private let authenticator: Authenticator
    private let directory: AccessDirectory
    private let deployments: DeploymentDirectory
    private let audit: AuditService
    private let clock: any WallClock
    private let logger: Logger

    package init(
        changes: any AccessChangeRepository, keys: any APIKeyRepository, sessions: any SessionRepository, models: any ModelRepository,
        authenticator: Authenticator, directory: AccessDirectory, deployments: DeploymentDirectory, audit: AuditService, clock: any WallClock, logger: Logger
    ) {
        self.changes = changes
        self.keys = keys
        self.sessions = sessions
        self.models = models
        self.authenticator = authenticator
        self.directory = directory
        self.deployments = deployments
        self.audit = audit
        self.clock = clock
        self.logger = logger
    }

    /// Reads keys, ended sessions, roles and the rules of the models that serve.
    package func reload() async throws {
        authenticator.replaceKeys(try await keys.activeKeys())
        authenticator.end(try await sessions.ended(since: clock.now.adding(seconds: -AccessTokens.lifetimeSeconds)))
        try await directory.reload()
        let deployed = deployments.models
        let rules = try await models.rules()
        for model in deployed {
            // What does not serve any more was deleted or archived by somebody else.
            guard let rules = rules[model] else { deployments.remove(model); continue }
            deployments.update(model) { $0.with(rules: rules) }
        }
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var seen = (try? await self.changes.count()) ?? 0
            while !Task.isCancelled {
                try? await Task.sleep(for: Self.interval)
                await self.writeRefusals()
                do {
                    let count = try await self.changes.count()
                    guard count != seen else { continue }
                    try await self.reload()
                    seen = count
                } catch is CancellationError {
                    return
                } catch {
                    self.logger.error("Changes of access were not read", metadata: ["error": "\(error)"])
                }
            }
        }
        await writeRefusals()
    }

    private func writeRefusals() async {
        do {
            try await audit.flush()
        } catch {
            logger.error("Refused requests were not written to the audit log", metadata: ["error": "\(error)"])
        }
    }
}
