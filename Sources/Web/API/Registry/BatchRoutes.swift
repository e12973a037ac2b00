internal import Access
internal import Domain
internal import HTTPTypes
internal import Hummingbird
internal import Pipeline
internal import Wire

/// `POST /api/v1/models/batch`: one change of up to 1,000 models, with what became of each.
struct BatchRoutes {
    let batches: BatchService

    func add(to group: RouterGroup<AppContext>) {
        group.post("batch", use: apply)
    }

    private struct Body: Decodable {
        let operation: String
        let ids: [String]
        let add_tags: [String]?
        let remove_tags: [String]?
        let stage: String?
        let is_public: Bool?
        let atomic: Bool?
    }

    @Sendable private func apply(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let body = try await request.json(Body.self)
        guard (1...BatchService.maximumModels).contains(body.ids.count), Set(body.ids).count == body.ids.count else {
            throw PlatformError.field("/ids", "expected 1 to \(BatchService.maximumModels) ids, each once")
        }
        let ids = try body.ids.enumerated().map { place, text in
            guard let id = ModelID(text) else { throw PlatformError.field("/ids/\(place)", "expected a model id (model_…)") }
            return id
        }
        let (results, wasBegun) = await batches.apply(try change(body), to: ids, isAtomic: body.atomic ?? false, by: principal)
        let failed = results.count { $0.failure != nil }
        return try Answer.json(
            .object([
                "success": .bool(failed == 0), "succeeded": .int(wasBegun ? results.count - failed : 0), "failed": .int(failed),
                "results": .array(results.map { result($0, isSkipped: !wasBegun) }),
            ]))
    }

    private func change(_ body: Body) throws -> BatchChange {
        switch body.operation {
        case "tag":
            let tags = (body.add_tags ?? []) + (body.remove_tags ?? [])
            guard !tags.isEmpty, tags.count <= 50, tags.allSatisfy({ $0.isLine(upTo: 50) }) else {
                throw PlatformError.field("/add_tags", "expected 1 to 50 tags of 1 to 50 characters, here or in remove_tags")
            }
            return .tag(add: body.add_tags ?? [], remove: body.remove_tags ?? [])
        case "archive": return .archive
        case "delete": return .delete
        case "stage":
            guard let stage = body.stage.flatMap(Stage.init) else { throw PlatformError.field("/stage", "expected development, staging, production or archived") }
            return .stage(stage)
        case "visibility":
            guard let isPublic = body.is_public else { throw PlatformError.field("/is_public", "expected true or false") }
            return .visibility(isPublic: isPublic)
        default: throw PlatformError.field("/operation", "expected tag, archive, delete, stage or visibility")
        }
    }

    private func result(_ result: BatchResult, isSkipped: Bool) -> JSONValue {
        guard let failure = result.failure else {
            return .object(["id": .string(result.id.rawValue), "status": isSkipped ? "skipped" : result.isPending ? "pending" : "done"])
        }
        return .object(["id": .string(result.id.rawValue), "status": "failed", "error": ErrorBody.brief(failure)])
    }
}
