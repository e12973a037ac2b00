internal import Access
internal import Domain
internal import HTTPTypes
internal import Hummingbird
internal import Pipeline
internal import Wire

/// `/api/v1/models`: the registry of trained models, over the same catalogue as `/api/v1/ml-models`.
struct RegistryRoutes {
    let models: ModelService
    let registry: RegistryService

    func add(to group: RouterGroup<AppContext>) {
        group.post(use: register)
        group.get(use: list)
        group.get("{model_id}", use: get)
        group.put("{model_id}", use: update)
        group.patch("{model_id}", use: update)
        group.delete("{model_id}", use: delete)
        group.get("{model_id}/info", use: info)
        group.get("{model_id}/download", use: download)
        group.head("{model_id}/download", use: download)
    }

    @Sendable private func register(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let (model, record) = try await registry.register(try await request.json(RegistryBodies.New.self).registration(), by: principal)
        return try Answer.success(
            [
                "message": "Model registered successfully", "model_id": .string(model.id.rawValue), "version": .string(record.version.short),
                "version_id": .string(record.id.rawValue), "download_url": .string("/api/v1/models/\(model.id)/download"),
                "upload_url": .string("/api/v1/models/\(model.id)/upload"),
            ], status: .created)
    }

    @Sendable private func list(_ request: Request, _ context: AppContext) async throws -> Response {
        let (query, page) = try request.registryQuery()
        return try await CataloguePage(query: query, page: page).response(models, for: try context.principal)
    }

    @Sendable private func get(_ request: Request, _ context: AppContext) async throws -> Response {
        try Answer.json(try await details(context))
    }

    @Sendable private func update(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let id: ModelID = try context.id("model_id", "model")
        let bytes = try await request.bytes(limit: 1 << 20)
        let said = try ControlJSON.decode(RegistryBodies.Change.self, from: bytes).description()
        let change = try ControlJSON.decode(ChangeBodies.Model.self, from: bytes).change()
        _ = try await models.update(id, change, by: principal)
        if said != VersionDescription() { try await registry.describe(id, said, by: principal) }
        return try Answer.success(["message": "Model updated successfully", "model": try await details(context)])
    }

    @Sendable private func delete(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let id: ModelID = try context.id("model_id", "model")
        try await models.delete(id, by: principal)
        return try Answer.success(["message": "Model deleted successfully", "deleted_id": .string(id.rawValue)])
    }

    @Sendable private func info(_ request: Request, _ context: AppContext) async throws -> Response {
        let version = try await version(request, context, to: .view)
        return try Answer.json(
            .object([
                "model_id": .string(version.modelID.rawValue), "version": .string(version.version.short), "file_metadata": RegistryBodies.file(version),
                "model_size": .string(ByteText.of(version.fileSize)), "created_at": .string(version.createdAt.description),
                "download_url": .string("/api/v1/models/\(version.modelID)/download"),
            ]))
    }

    @Sendable private func download(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let version = try await version(request, context, to: .download)
        let model = try await models.model(version.modelID, for: principal).model
        var headers: HTTPFields = [
            .lastModified: HTTPDate.text(version.createdAt), .contentDisposition: "attachment; filename=\"\(Self.fileName(model, version))\"",
        ]
        headers[.modelAlgorithm] = model.registered.algorithm.map { $0.filter { $0.isASCII && ($0.isLetter || $0.isNumber || "-_. ".contains($0)) } } ?? "unknown"
        headers[.modelVersion] = version.version.short
        headers[.fileChecksum] = "sha256:\(version.fileHash)"
        return try await FileAnswer(models.file(of: version), size: Int(version.fileSize), sha256: version.fileHash, headers: headers) {
            await registry.countDownload(of: version, by: principal)
        }.response(to: request, context)
    }

    /// The version that is asked for with `?version=`, else the one that serves, else the newest.
    private func version(_ request: Request, _ context: AppContext, to action: ModelAccess.Action) async throws -> ModelVersion {
        let principal = try context.principal
        let id: ModelID = try context.id("model_id", "model")
        if let reference = request.query("version") { return try await registry.version(reference, of: id, for: principal, to: action) }
        let model = try await models.model(id, for: principal, to: action).model
        return try await registry.version(try await registry.shown(model).id.rawValue, of: id, for: principal, to: action)
    }

    private func details(_ context: AppContext) async throws -> JSONValue {
        let principal = try context.principal
        let id: ModelID = try context.id("model_id", "model")
        let (model, owner) = try await models.model(id, for: principal)
        let record = try await registry.shown(model)
        return RegistryBodies.details(
            model, owner: owner, record, file: try await registry.file(of: record), usage: try await models.statistics(of: id))
    }

    /// The model's name cut down to what no file system and no header minds (RFC 6266).
    private static func fileName(_ model: Model, _ version: ModelVersion) -> String {
        let plain = model.name.map { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) ? $0 : "_" }
        let name = String(String(plain).drop { $0 == "." }.prefix(100))
        return "\(name.isEmpty ? version.modelID.rawValue : name).\(version.format.fileExtension)"
    }
}

extension HTTPField.Name {
    static let modelAlgorithm = custom("X-Model-Algorithm")
    static let modelVersion = custom("X-Model-Version")
    static let fileChecksum = custom("X-File-Checksum")

    private static func custom(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else { preconditionFailure("no name of a header: \(text)") }
        return name
    }
}
