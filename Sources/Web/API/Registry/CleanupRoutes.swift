internal import Access
internal import Domain
internal import HTTPTypes
internal import Hummingbird
internal import Pipeline
internal import Wire

/// `POST /api/v1/maintenance/cleanup` for admins, and `DELETE /api/v1/models/{model_id}/versions/{version}`.
struct CleanupRoutes {
    let cleanup: CleanupService
    let registry: RegistryService
    let graceSeconds: Int64

    func add(to group: RouterGroup<AppContext>) {
        group.post("cleanup", use: run)
    }

    func addVersions(to group: RouterGroup<AppContext>) {
        group.delete("{model_id}/versions/{version}", use: deleteVersion)
    }

    @Sendable private func run(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        try principal.require(.administerModels)
        guard principal.scope?.models == nil else { throw PlatformError(.forbidden, "The API key is for single models and cannot clean up all of them.") }
        let body = try await request.json(CleanupBodies.Request.self)
        for (name, value) in [("archived_days", body.archived_days), ("keep_versions", body.keep_versions), ("unused_days", body.unused_days)] {
            if let value, !(0...36_500).contains(value) { throw PlatformError.field("/\(name)", "expected 0 to 36500") }
        }
        guard body.keep_versions != 0 else { throw PlatformError.field("/keep_versions", "expected 1 or more") }
        let given = CleanupPolicy(archivedDays: body.archived_days, keptVersions: body.keep_versions, unusedDays: body.unused_days)
        let policy = given.isEmpty ? cleanup.policy : given
        let isDryRun = body.dry_run ?? true
        let items = isDryRun ? try await cleanup.plan(policy) : try await cleanup.run(policy, by: principal.userID)
        return try Answer.json(CleanupBodies.report(items, isDryRun: isDryRun, graceSeconds: graceSeconds))
    }

    @Sendable private func deleteVersion(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let id: ModelID = try context.id("model_id", "model")
        let record = try await registry.record(context.parameters.get("version") ?? "", of: id, for: principal, to: .delete)
        try await cleanup.delete(record.id, of: id, by: principal.userID)
        return try Answer.success(["message": "Version deleted.", "deleted_id": .string(record.id.rawValue)])
    }
}
