internal import Access
internal import Domain
internal import Hummingbird
internal import Pipeline
internal import Wire

/// A page of the catalogue, by number.
struct CataloguePage {
    let query: ModelQuery
    let page: Int

    /// `total` is a lower bound where `is_total_exact` beside it says that it is not exact.
    static func pagination(_ query: ModelQuery, page: Int, of found: ModelPage) -> JSONValue {
        .object([
            "page": .int(page), "limit": .int(query.limit), "total": .int(found.total), "pages": .int((found.total + query.limit - 1) / query.limit),
        ])
    }

    func response(_ models: ModelService, for principal: Principal, _ more: [String: JSONValue] = [:]) async throws -> Response {
        let found = try await models.list(query, for: principal)
        let members: [String: JSONValue] = [
            "models": .array(found.models.map { RegistryBodies.summary($0.model, owner: $0.owner) }),
            "pagination": Self.pagination(query, page: page, of: found), "is_total_exact": .bool(found.isTotalExact),
        ]
        return try Answer.json(.object(members.merging(more) { own, _ in own }))
    }
}
