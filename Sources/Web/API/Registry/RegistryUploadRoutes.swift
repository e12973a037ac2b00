internal import Access
internal import Domain
internal import HTTPTypes
internal import Hummingbird
internal import Pipeline
internal import Wire

/// `POST /api/v1/models/upload` and `/{model_id}/upload`: the bytes of a model, in the registry's form.
struct RegistryUploadRoutes {
    let registry: RegistryService
    let receiver: UploadReceiver
    let publisher: PublishService
    let limiter: RateLimiter

    func add(to group: RouterGroup<AppContext>) {
        group.post("upload", use: upload)
        group.post("{model_id}/upload", use: uploadFile)
    }

    @Sendable private func upload(_ request: Request, _ context: AppContext) async throws -> Response {
        let publication = try await publish(request, context, as: nil, PublishOptions(scansFirst: true, isRegistryForm: true))
        return try Self.answer(publication)
    }

    @Sendable private func uploadFile(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let id: ModelID = try context.id("model_id", "model")
        let record = try await registry.awaitingFile(of: id, version: request.query("version"), for: principal)
        let publication = try await publish(request, context, as: id, PublishOptions(recordID: record?.id, scansFirst: true, isRegistryForm: true))
        return try Self.answer(publication)
    }

    private func publish(_ request: Request, _ context: AppContext, as id: ModelID?, _ options: PublishOptions) async throws -> Publication {
        let principal = try context.principal
        try await publisher.requirePlace(for: principal, isNew: id == nil)
        try await limiter.take(principal.uploadBucket.map { [$0] } ?? [])
        let length = request.headers[.contentLength].flatMap { Int64($0) }
        let received = try await receiver.receive(request.body, contentType: request.headers[.contentType], contentLength: length, isRegistryForm: true)
        return try await publisher.publish(received, as: id, options, by: principal)
    }

    static func answer(_ publication: Publication) throws -> Response {
        let version = publication.version
        let data: [String: JSONValue] = [
            "model_id": .string(version.modelID.rawValue), "version_id": .string(version.id.rawValue), "name": .string(publication.model.name),
            "version": .string(version.version.description), "framework": publication.model.framework.map { .string($0) } ?? .null,
            "file_size": .int(version.fileSize), "checksum": .string("sha256:\(version.fileHash)"),
            "validation_warnings": .strings(publication.warnings.map { "\($0.found): \($0.reason)" }),
            "storage_path": .string("/models/\(version.modelID)/\(version.version)"), "validation_id": .string(publication.validationID.rawValue),
            "task_id": .string(publication.taskID.rawValue), "status": "pending_validation",
        ]
        return try Answer.success(["message": "Model uploaded successfully", "data": .object(data)], status: .created)
    }
}
