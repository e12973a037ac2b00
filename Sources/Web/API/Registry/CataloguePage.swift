internal import Access
internal import Domain
internal import Hummingbird
internal import Pipeline
internal import Wire

/// A page of the catalogue, by number.
struct CataloguePage {
    let query: ModelQuery
    let page: Int

    static func pagination(_ query: ModelQuery, page: Int, total: Int) -> JSONValue {
        .object(["page": .int(page), "limit": .int(query.limit), "total": .int(total), "pages": .int((total + query.limit - 1) / query.limit)])
    }

    func response(_ models: ModelService, for principal: Principal, _ more: [String: JSONValue] = [:]) async throws -> Response {
        let (found, total) = try await models.list(query, for: principal)
        let members: [String: JSONValue] = [
            "models": .array(found.map { RegistryBodies.summary($0.model, owner: $0.owner) }),
            "pagination": Self.pagination(query, page: page, total: total),
        ]
        return try Answer.json(.object(members.merging(more) { own, _ in own }))
    }
}
