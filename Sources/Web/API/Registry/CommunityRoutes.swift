internal import Domain
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import Pipeline
internal import Wire

/// Model cards and complaints below a model, and `/api/v1/reports` for moderators.
struct CommunityRoutes {
    let community: CommunityService

    func addModels(to group: RouterGroup<AppContext>) {
        group.get("{model_id}/card", use: card)
        group.put("{model_id}/card", use: setCard)
        group.delete("{model_id}/card", use: removeCard)
        group.post("{model_id}/reports", use: report)
    }

    func add(to group: RouterGroup<AppContext>) {
        group.get(use: list)
        group.get("{report_id}", use: get)
        group.post("{report_id}/decide", use: decide)
    }

    private struct Card: Decodable {
        let markdown: String
    }

    private struct New: Decodable {
        let reason: String
        let description: String?
    }

    private struct Decision: Decodable {
        let uphold: Bool
        let note: String?
    }

    @Sendable private func card(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let card = try await community.card(of: try context.id("model_id", "model"), for: principal).card
        return try Answer.success(["data": SharingBodies.card(card)])
    }

    /// JSON with `markdown`, or the Markdown itself.
    @Sendable private func setCard(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let isPlain = request.headers[.contentType]?.lowercased().hasPrefix("text/markdown") ?? false
        let markdown = isPlain ? try await Self.text(request) : try await request.json(Card.self).markdown
        return try Answer.success(["data": SharingBodies.card(try await community.setCard(markdown, of: try context.id("model_id", "model"), by: principal))])
    }

    @Sendable private func removeCard(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        try await community.removeCard(of: try context.id("model_id", "model"), by: principal)
        return try Answer.success(["message": "Card removed."])
    }

    @Sendable private func report(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let body = try await request.json(New.self)
        guard let reason = ModelReport.Reason(rawValue: body.reason) else {
            throw PlatformError.field("/reason", "expected one of \(ModelReport.Reason.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        let text = try Self.bounded(body.description, "/description") ?? ""
        let report = try await community.report(try context.id("model_id", "model"), reason, text, by: principal)
        return try Answer.success(["data": SharingBodies.report(report)], status: .created)
    }

    @Sendable private func list(_ request: Request, _ context: AppContext) async throws -> Response {
        let limit = try request.number("limit", in: 1...200, default: 50)
        let state = try request.query("state").map { text in
            guard let state = ModelReport.State(rawValue: text) else { throw PlatformError.field("/state", "expected open, dismissed or upheld") }
            return state
        }
        let before = try request.identifier("cursor", as: ReportID.self)
        let list = try await community.reports(state, before: before, limit: limit, for: try context.principal)
        return try Answer.success([
            "data": .array(list.map(SharingBodies.report)), "next_cursor": list.count == limit ? list.last.map { .string($0.id.rawValue) } ?? .null : .null,
        ])
    }

    @Sendable private func get(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        return try Answer.success(["data": SharingBodies.report(try await community.report(try context.id("report_id", "report"), for: principal))])
    }

    @Sendable private func decide(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let body = try await request.json(Decision.self)
        let report = try await community.decide(
            try context.id("report_id", "report"), uphold: body.uphold, note: try Self.bounded(body.note, "/note"), by: principal)
        return try Answer.success(["data": SharingBodies.report(report)])
    }

    private static func bounded(_ text: String?, _ pointer: String) throws -> String? {
        if let text, text.count > 5000 { throw PlatformError.field(pointer, "expected at most 5000 characters") }
        return text
    }

    private static func text(_ request: Request) async throws -> String {
        var bytes: [UInt8] = []
        for try await chunk in request.body {
            guard bytes.count + chunk.readableBytes <= ModelCard.maximumMarkdown else {
                throw PlatformError(
                    .payloadTooLarge, "A model card may have \(ModelCard.maximumMarkdown) bytes.", details: .object(["limit_bytes": .int(ModelCard.maximumMarkdown)]))
            }
            bytes += chunk.readableBytesView
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw PlatformError.field("/markdown", "expected UTF-8 text") }
        return text
    }
}
