internal import Access
internal import Domain
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import Pipeline
internal import Wire

/// `/api/v1/uploads`: files in parts. Create, `PUT` the parts in any order, ask what is missing, complete.
struct ResumableRoutes {
    private static let digest = HTTPField.Name("Content-Digest")
    let uploads: ResumableUploads
    let registry: RegistryService
    let limiter: RateLimiter

    func add(to group: RouterGroup<AppContext>) {
        group.post(use: begin)
        group.get(use: list)
        group.get("{upload_id}", use: get)
        group.delete("{upload_id}", use: cancel)
        group.put("{upload_id}/parts/{part}", use: receive)
        group.post("{upload_id}/complete", use: complete)
        group.head("digests/{sha256}", use: has)
    }

    private struct New: Decodable {
        let file_name: String
        let size: Int64
        let sha256: String?
        let part_size: Int64?
    }

    @Sendable private func begin(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let body = try await request.json(New.self)
        guard body.file_name.isLine(upTo: 255) else { throw PlatformError.field("/file_name", "expected 1 to 255 characters in one line") }
        let sha256 = try body.sha256.map { try Self.hexadecimal($0, at: "/sha256") }
        try await limiter.take(principal.uploadBucket.map { [$0] } ?? [])
        let progress = try await uploads.begin(body.file_name, size: body.size, sha256: sha256, partSize: body.part_size, by: principal)
        return try Answer.json(Self.body(progress), status: .created)
    }

    @Sendable private func list(_ request: Request, _ context: AppContext) async throws -> Response {
        let list = try await uploads.list(for: try context.principal)
        return try Answer.success(["data": .array(list.map(Self.body)), "total": .int(list.count)])
    }

    @Sendable private func get(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        return try Answer.json(Self.body(try await uploads.progress(of: try id(context), for: principal)))
    }

    @Sendable private func cancel(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        try await uploads.cancel(try id(context), by: principal)
        return try Answer.success(["message": "Upload cancelled."])
    }

    @Sendable private func receive(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let id = try id(context)
        guard let number = context.parameters.get("part").flatMap({ Int($0) }) else { throw PlatformError.notFound("part", context.parameters.get("part") ?? "") }
        try await uploads.receive(number, of: id, request.body, sha256: try Self.digest(of: request), by: principal)
        return try Answer.success(["part": .int(number)])
    }

    @Sendable private func complete(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let id = try id(context)
        let body = try await request.json([String: JSONValue].self)
        var fields: [String: String] = [:]
        for (name, value) in body where value != .null {
            fields[name] = value.stringValue ?? String(decoding: ControlJSON.encode(value), as: UTF8.self)
        }
        var (modelID, recordID) = (ModelID?.none, VersionID?.none)
        if let text = fields.removeValue(forKey: "model_id") {
            guard let model = ModelID(text) else { throw PlatformError.field("/model_id", "expected a model id (model_…)") }
            modelID = model
            recordID = try await registry.awaitingFile(of: model, version: fields["version"], for: principal)?.id
        }
        return try RegistryUploadRoutes.answer(try await uploads.complete(id, fields, as: modelID, recordID: recordID, by: principal))
    }

    @Sendable private func has(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let sha256 = try Self.hexadecimal(context.parameters.get("sha256") ?? "", at: "/sha256")
        guard try await uploads.has(sha256, principal) else { throw PlatformError.notFound("file", sha256) }
        return Response(status: .ok)
    }

    private func id(_ context: AppContext) throws -> UploadID { try context.id("upload_id", "upload") }

    /// `Content-Digest: sha-256=:BASE64:` (RFC 9530).
    private static func digest(of request: Request) throws -> String? {
        guard let name = digest, let header = request.headers[name] else { return nil }
        let text = header.split(separator: ",").map { $0.trimmingPrefix(" ") }.first { $0.lowercased().hasPrefix("sha-256=:") }
        guard let text, text.hasSuffix(":"), let data = Data(base64Encoded: String(text.dropFirst(9).dropLast())), data.count == 32 else {
            throw PlatformError(.invalidInput, "Content-Digest: expected 'sha-256=:BASE64:'.")
        }
        return data.hexadecimal
    }

    private static func hexadecimal(_ text: String, at pointer: String) throws -> String {
        guard let bytes = [UInt8](hexadecimal: text), bytes.count == 32 else { throw PlatformError.field(pointer, "expected 64 hexadecimal characters") }
        return bytes.hexadecimal
    }

    private static func body(_ progress: ResumableUploads.Progress) -> JSONValue {
        let upload = progress.upload
        return .object([
            "upload_id": .string(upload.id.rawValue), "file_name": .string(upload.fileName), "size": .int(upload.size),
            "sha256": upload.sha256.map { .string($0) } ?? .null, "part_size": .int(upload.partSize), "parts": .int(upload.parts),
            "missing": .array(progress.missing.map { .int($0) }), "is_complete": .bool(progress.missing.isEmpty), "expires_at": .string(upload.expiresAt.description),
        ])
    }
}
