internal import Access
internal import Domain
internal import HTTPTypes
internal import Hummingbird
internal import Pipeline
internal import Provenance
internal import Wire

/// `/api/v1/models/{model_id}/versions/{version}/bundle`, `/api/v1/models/import` and `/api/v1/signing-key`: versions from server to server.
struct BundleRoutes {
    let bundles: BundleService
    let registry: RegistryService
    let door: UploadDoor

    func add(to group: RouterGroup<AppContext>, _ root: RouterGroup<AppContext>) {
        group.get("{model_id}/versions/{version}/bundle", use: download)
        group.post("import", use: take)
        root.get("signing-key", use: key)
    }

    @Sendable private func download(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let archive = try await bundles.archive(context.parameters.get("version") ?? "", of: try context.id("model_id", "model"), for: principal)
        let version = archive.version
        let headers: HTTPFields = [
            .contentType: "application/x-tar", .contentDisposition: "attachment; filename=\"\(version.modelID)-\(version.version).tar\"",
            .contentLength: "\(archive.size)",
        ]
        let body = ResponseBody(contentLength: archive.size) { [registry] writer in
            var pieces = archive.pieces
            while let piece = try await pieces.next() { try await writer.write(piece) }
            try await writer.finish(nil)
            await registry.countDownload(of: version, by: principal)
        }
        return Response(status: .ok, headers: headers, body: body)
    }

    @Sendable private func take(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let imported = try await bundles.take(try await door.receiveBundle(request, principal), by: principal)
        return try Answer.success(
            [
                "message": "Version imported.", "data": RegistryUploadRoutes.data(imported.publication),
                "signed_by": .object(["key_id": .string(imported.signer.id), "public_key": .string("\(imported.signer)"), "is_trusted": .bool(imported.isTrusted)]),
            ], status: .created)
    }

    @Sendable private func key(_ request: Request, _ context: AppContext) async throws -> Response {
        let key = bundles.verifier
        return try Answer.json(["algorithm": "Ed25519", "key_id": .string(key.id), "public_key": .string("\(key)")])
    }
}
