internal import ArgumentParser
internal import Database
internal import Domain
internal import Foundation
internal import Pipeline
internal import Serving
internal import Store
internal import Wire

/// `martlet gc`
struct CleanupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gc", abstract: "Remove what nobody needs by the policy of the settings (MARTLET_CLEANUP_…), and files whose grace period is over.",
        discussion: "Prints what was done as JSON. Works beside a running server, which follows within a second.")

    @OptionGroup var flags: SettingFlags

    @Flag(help: "Only tell what would be done.")
    var dryRun = false

    func run() async throws {
        let settings = try await flags.settings()
        let data = try DataFolder(settings.dataDir)
        let storage = try await Storage(data, clock: SystemClock())
        let service = CleanupService(
            policy: settings.cleanup, cleanup: storage.cleanup, models: storage.models, deployments: DeploymentDirectory(), files: VersionFiles(data),
            audit: storage.audit, graceSeconds: settings.deleteGraceSeconds, clock: SystemClock())
        let items = dryRun ? try await service.plan(settings.cleanup) : try await service.run(settings.cleanup, by: nil)
        let freed = dryRun ? 0 : try await service.purge()
        try await storage.database.close()
        guard case .object(var report) = CleanupBodies.report(items, isDryRun: dryRun, graceSeconds: settings.deleteGraceSeconds) else { return }
        report["freed_bytes"] = .int(freed)
        FileHandle.standardOutput.write(Data(ControlJSON.encode(JSONValue.object(report)) + [0x0a]))
    }
}
