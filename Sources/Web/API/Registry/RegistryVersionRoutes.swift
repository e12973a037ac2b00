internal import Access
internal import Domain
internal import HTTPTypes
internal import Hummingbird
internal import Pipeline
internal import Wire

/// `/api/v1/models/{model_id}/versions` and `/lineage`: versions with or without files, and what they were made from.
struct RegistryVersionRoutes {
    let models: ModelService
    let registry: RegistryService
    let stages: StageService

    func add(to group: RouterGroup<AppContext>) {
        group.post("{model_id}/versions", use: announce)
        group.get("{model_id}/versions", use: list)
        group.get("{model_id}/versions/{version}", use: get)
        group.get("{model_id}/lineage", use: lineage)
    }

    @Sendable private func announce(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let id: ModelID = try context.id("model_id", "model")
        let announcement = try await request.json(RegistryBodies.NewVersion.self).announcement()
        let record = try await registry.announce(announcement, of: id, by: principal)
        return try Answer.success(
            [
                "message": "Version registered successfully", "model_id": .string(id.rawValue), "version_id": .string(record.id.rawValue),
                "version": .string(record.version.short), "data": RegistryBodies.version(record),
                "upload_url": .string("/api/v1/models/\(id)/upload?version=\(record.version.short)"),
            ], status: .created)
    }

    @Sendable private func list(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let id: ModelID = try context.id("model_id", "model")
        let records = try await registry.records(of: id, for: principal)
        let files = Dictionary(try await models.versions(of: id, for: principal).map { ($0.id, $0) }) { first, _ in first }
        let aliases = Dictionary(grouping: try await stages.aliases(of: id, for: principal), by: \.versionID)
        let newest = records.map(\.version).max()
        let bodies = records.map { record in
            let names = (aliases[record.id] ?? []).map(\.name) + (record.version == newest ? [ModelAlias.latest] : [])
            return RegistryBodies.version(record, file: files[record.id], aliases: names)
        }
        return try Answer.success(["versions": .array(bodies), "total": .int(records.count)])
    }

    @Sendable private func get(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let id: ModelID = try context.id("model_id", "model")
        let record = try await registry.record(context.parameters.get("version") ?? "", of: id, for: principal)
        let aliases = try await stages.aliases(of: id, for: principal).filter { $0.versionID == record.id }.map(\.name)
        return try Answer.success(["data": RegistryBodies.version(record, file: try await registry.file(of: record), aliases: aliases)])
    }

    @Sendable private func lineage(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let id: ModelID = try context.id("model_id", "model")
        let shown = try await registry.shown(try await models.model(id, for: principal).model).id.rawValue
        let lineage = try await registry.lineage(of: request.query("version") ?? shown, id, for: principal)
        return try Answer.success([
            "model_id": .string(id.rawValue),
            "lineage": .array(
                lineage.map { record, model in
                    guard let model else { return .object(["version_id": .string(record.id.rawValue), "is_visible": false]) }
                    guard case .object(var members) = RegistryBodies.version(record) else { return .null }
                    members["model_name"] = .string(model.name)
                    members["is_visible"] = true
                    return .object(members)
                }),
        ])
    }
}
