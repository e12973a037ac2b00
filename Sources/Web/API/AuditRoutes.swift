internal import Access
internal import Domain
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import Wire

/// `/api/v1/audit`: who did what, and what was refused.
struct AuditRoutes {
    private static let page = 1000
    let audit: AuditService

    func add(to group: RouterGroup<AppContext>) {
        group.get(use: list)
        group.get("export", use: export)
    }

    @Sendable private func list(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        var query = try Self.query(request)
        query.limit = try request.number("limit", in: 1...1000, default: 50)
        let records = try await audit.records(query, for: principal)
        return try Answer.success([
            "data": .array(records.map(AuditBodies.record)),
            "next_cursor": records.count == query.limit ? records.last.map { .string(String($0.place)) } ?? .null : .null,
        ])
    }

    /// JSON Lines, newest first, read page by page while it is sent.
    @Sendable private func export(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        var query = try Self.query(request)
        query.limit = Self.page
        // Refused before the answer begins.
        let first = try await audit.records(query, for: principal)
        let body = ResponseBody { [audit, query] writer in
            var (query, records) = (query, first)
            while !records.isEmpty {
                var lines = ByteBuffer()
                for record in records {
                    lines.writeBytes(ControlJSON.encode(AuditBodies.record(record)))
                    lines.writeInteger(UInt8(ascii: "\n"))
                }
                try await writer.write(lines)
                guard records.count == query.limit else { break }
                query.before = records.last?.place
                records = try await audit.records(query, for: principal)
            }
            try await writer.finish(nil)
        }
        return Response(
            status: .ok, headers: [.contentType: "application/jsonl", .contentDisposition: "attachment; filename=\"audit.jsonl\""], body: body)
    }

    private static func query(_ request: Request) throws -> AuditQuery {
        var query = AuditQuery()
        query.action = request.query("action").map { String($0.prefix(100)) }
        query.resourceType = request.query("resource_type").map { String($0.prefix(100)) }
        query.resourceID = request.query("resource_id").map { String($0.prefix(300)) }
        if let text = request.query("user_id") {
            guard let user = UserID(text) else { throw PlatformError.field("/user_id", "expected a user id (usr_…)") }
            query.userID = user
        }
        query.since = try request.moment("since")
        query.until = try request.moment("until")
        if let text = request.query("cursor") {
            guard let place = Int64(text), place > 0 else { throw PlatformError.field("/cursor", "expected the next_cursor of an earlier answer") }
            query.before = place
        }
        return query
    }
}
