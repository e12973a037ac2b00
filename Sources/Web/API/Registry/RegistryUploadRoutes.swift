internal import Access
internal import Domain
internal import HTTPTypes
internal import Hummingbird
internal import Pipeline
internal import Wire

/// `POST /api/v1/models/upload`, `/upload/batch` and `/{model_id}/upload`: the bytes of models, in the registry's form.
struct RegistryUploadRoutes {
    let registry: RegistryService
    let door: UploadDoor

    func add(to group: RouterGroup<AppContext>) {
        group.post("upload", use: upload)
        group.post("upload/batch", use: uploadBatch)
        group.post("{model_id}/upload", use: uploadFile)
    }

    @Sendable private func upload(_ request: Request, _ context: AppContext) async throws -> Response {
        try Self.answer(try await door.publish(request, try context.principal, as: nil, PublishOptions(scansFirst: true, isRegistryForm: true)))
    }

    /// 201 when every model of the archive was stored, else 207 with what became of each.
    @Sendable private func uploadBatch(_ request: Request, _ context: AppContext) async throws -> Response {
        let outcomes = try await door.publishArchive(request, try context.principal)
        var failed = 0
        let results = outcomes.map { outcome -> JSONValue in
            switch outcome.result {
            case .success(let publication): return .object(["file": .string(outcome.file), "status": "created", "data": Self.data(publication)])
            case .failure(let failure):
                failed += 1
                return .object(["file": .string(outcome.file), "status": "failed", "error": ErrorBody.brief(failure)])
            }
        }
        return try Answer.json(
            .object(["success": .bool(failed == 0), "succeeded": .int(outcomes.count - failed), "failed": .int(failed), "results": .array(results)]),
            status: failed == 0 ? .created : HTTPResponse.Status(code: 207, reasonPhrase: "Multi-Status"))
    }

    @Sendable private func uploadFile(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let id: ModelID = try context.id("model_id", "model")
        let reference = request.query("version")
        let record = try await registry.awaitingFile(of: id, version: reference, for: principal)
        // The form may name a version that nobody made known; the address names one that is.
        if let reference, record == nil { throw PlatformError.notFound("version", String(reference.prefix(64))) }
        return try Self.answer(
            try await door.publish(request, principal, as: id, PublishOptions(recordID: record?.id, scansFirst: true, isRegistryForm: true)))
    }

    static func answer(_ publication: Publication) throws -> Response {
        let id = publication.version.modelID
        return try Answer.success(
            [
                "message": "Model uploaded successfully", "status": "success", "modelId": .string(id.rawValue),
                "endpointUrl": .string(RegistryBodies.endpoint(of: id)), "data": data(publication),
            ], status: .created)
    }

    static func data(_ publication: Publication) -> JSONValue {
        let version = publication.version
        return .object([
            "model_id": .string(version.modelID.rawValue), "version_id": .string(version.id.rawValue), "name": .string(publication.model.name),
            "version": .string(version.version.description), "framework": publication.model.framework.map { .string($0) } ?? .null,
            "file_size": .int(version.fileSize), "checksum": .string("sha256:\(version.fileHash)"),
            "validation_warnings": .strings(publication.warnings.map { "\($0.found): \($0.reason)" }),
            "storage_path": .string("/models/\(version.modelID)/\(version.version)"), "validation_id": .string(publication.validationID.rawValue),
            "task_id": .string(publication.taskID.rawValue), "status": "pending_validation",
        ])
    }
}
