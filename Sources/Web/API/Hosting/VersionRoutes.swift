internal import Access
internal import Domain
internal import HTTPTypes
internal import Hummingbird
internal import Pipeline
internal import Wire

/// `/api/v1/ml-models/{model_id}/versions`: list, details, activate, download, log.
struct VersionRoutes {
    let models: ModelService
    let registry: RegistryService

    func add(to group: RouterGroup<AppContext>) {
        group.get("{model_id}/versions", use: list)
        group.get("{model_id}/versions/{version_id}", use: get)
        group.post("{model_id}/versions/{version_id}/activate", use: activate)
        group.get("{model_id}/versions/{version_id}/download", use: download)
        group.head("{model_id}/versions/{version_id}/download", use: download)
        group.get("{model_id}/versions/{version_id}/scan", use: scan)
        group.get("{model_id}/versions/{version_id}/logs", use: log)
        group.get("{model_id}/logs", use: currentLog)
    }

    @Sendable private func list(_ request: Request, _ context: AppContext) async throws -> Response {
        let id: ModelID = try context.id("model_id", "model")
        let versions = try await models.versions(of: id, for: try context.principal)
        let deployment = models.deployment(of: id)
        return try Answer.success(["data": .array(versions.map { ModelBodies.version($0, serving: deployment) }), "total": .int(versions.count)])
    }

    @Sendable private func get(_ request: Request, _ context: AppContext) async throws -> Response {
        let version = try await version(context, to: .view)
        return try Answer.success(["data": ModelBodies.version(version, serving: models.deployment(of: version.modelID))])
    }

    @Sendable private func activate(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let version = try await models.activate(
            try context.id("version_id", "version"), of: try context.id("model_id", "model"), by: principal
        )
        return try Answer.success([
            "model_id": .string(version.modelID.rawValue), "version_id": .string(version.id.rawValue),
            "version": .string(version.version.description), "message": .string("Version \(version.version) serves now."),
        ])
    }

    @Sendable private func download(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let version = try await version(context, to: .download)
        return try await FileAnswer(
            models.file(of: version), size: Int(version.fileSize), sha256: version.fileHash,
            headers: [.contentDisposition: Self.disposition(version), .lastModified: HTTPDate.text(version.createdAt)]
        ) { await registry.countDownload(of: version, by: principal) }.response(to: request, context)
    }

    @Sendable private func scan(_ request: Request, _ context: AppContext) async throws -> Response {
        Answer.bytes(try await models.scan(of: try await version(context, to: .view)), type: "application/json")
    }

    @Sendable private func log(_ request: Request, _ context: AppContext) async throws -> Response {
        try await Self.text(models.log(of: try await version(context, to: .manage)))
    }

    @Sendable private func currentLog(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        return try await Self.text(models.log(of: try await models.currentVersion(of: try context.id("model_id", "model"), for: principal, to: .manage)))
    }

    private static func text(_ log: String) -> Response {
        Answer.bytes(Array(log.utf8), type: "text/plain; charset=utf-8")
    }

    private func version(_ context: AppContext, to action: ModelAccess.Action) async throws -> ModelVersion {
        let principal = try context.principal
        return try await models.version(
            try context.id("version_id", "version"), of: try context.id("model_id", "model"), for: principal, to: action
        )
    }

    /// A name of ours: the client's own could carry anything (RFC 6266).
    private static func disposition(_ version: ModelVersion) -> String {
        "attachment; filename=\"\(version.modelID)-\(version.version).\(version.format.fileExtension)\""
    }
}
