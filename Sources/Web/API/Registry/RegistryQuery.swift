internal import Domain
internal import HTTPTypes
internal import Hummingbird
internal import Pipeline
internal import Access
internal import Wire

extension Request {
    /// Filters, order and page of the registry's lists. A filter that cannot be right is an error, never ignored.
    func registryQuery() throws -> (query: ModelQuery, page: Int) {
        var query = ModelQuery()
        query.algorithm = self.query("algorithm")
        query.framework = self.query("framework")
        query.category = self.query("category")
        query.search = self.query("search").map { String($0.prefix(200)) }
        query.tags = (self.query("tags") ?? "").split(separator: ",").map { $0.trimmingPrefix(" ") }.prefix(50).map { String($0) }
        query.stage = try choice("stage")
        query.status = try choice("status")
        guard query.status != .deleted else { throw PlatformError.field("/status", "expected pending, validated, active, deprecated or archived") }
        query.order = try choice("sort") ?? .newest
        if let text = self.query("model_type") {
            // The upload form takes the task under this name and keeps it as the category.
            if let type = ModelType(rawValue: text) { query.type = type } else { query.category = text }
        }
        if let text = self.query("min_accuracy") {
            guard let accuracy = Double(text), accuracy.isFinite else { throw PlatformError.field("/min_accuracy", "expected a number") }
            query.minimumAccuracy = accuracy
        }
        let page = try number("page", in: 1...1_000_000, default: 1)
        query.limit = self.query("size") == nil ? try number("limit", in: 1...200, default: 20) : try number("size", in: 1...100, default: 20)
        query.offset = (page - 1) * query.limit
        return (query, page)
    }

    /// One of the values of a parameter.
    /// - Throws: `schemaViolation` naming them.
    func choice<Choice: RawRepresentable & CaseIterable>(_ name: Substring) throws -> Choice? where Choice.RawValue == String {
        guard let text = query(name) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            throw PlatformError.field("/\(name)", "expected one of \(Choice.allCases.map(\.rawValue).joined(separator: ", ")), found '\(text.prefix(40))'")
        }
        return choice
    }
}

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

extension RegistryBodies.New {
    /// - Throws: `schemaViolation`.
    func registration() throws -> Registration {
        guard name.isLine(upTo: 255) else { throw PlatformError.field("/name", "expected 1 to 255 characters in one line") }
        if let description, description.count > 10_000 { throw PlatformError.field("/description", "expected at most 10000 characters") }
        if let framework, !framework.isLine(upTo: 50) { throw PlatformError.field("/framework", "expected 1 to 50 characters in one line") }
        if let tags, tags.count > 50 || tags.contains(where: { !$0.isLine(upTo: 50) }) {
            throw PlatformError.field("/tags", "expected at most 50 tags of 1 to 50 characters")
        }
        let number = try version.map { text in
            guard let number = SemanticVersion(short: text) else { throw PlatformError.field("/version", "expected a version such as 1.2.3 or v1.2") }
            return number
        }
        let type = try model_type.map { text in
            guard let type = ModelType(rawValue: text) else {
                throw PlatformError.field("/model_type", "expected one of \(ModelType.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            return type
        }
        let parent = try parent_model_id.map { text in
            guard let id = ModelID(text) else { throw PlatformError.field("/parent_model_id", "expected a model id (model_…)") }
            return id
        }
        return Registration(
            name: name, about: description ?? "", type: type ?? .custom, framework: framework, tags: tags ?? [], isPublic: is_public ?? false, version: number,
            description: try RegistryBodies.description(algorithm, hyperparameters, metrics, dataset_info, training_config), parent: parent)
    }
}

extension RegistryBodies.NewVersion {
    /// - Throws: `schemaViolation`.
    func announcement() throws -> Announcement {
        let number = try version.map { text in
            guard let number = SemanticVersion(short: text) else { throw PlatformError.field("/version", "expected a version such as 1.2.3 or v1.2") }
            return number
        }
        let parent = try parent_version_id.map { text in
            guard let id = VersionID(text) else { throw PlatformError.field("/parent_version_id", "expected a version id (version_…)") }
            return id
        }
        return Announcement(
            version: number, isBreaking: breaking_changes ?? false,
            description: try RegistryBodies.description(algorithm, hyperparameters, metrics, dataset_info, training_config), parentID: parent)
    }
}

extension RegistryBodies.Change {
    func description() throws -> VersionDescription {
        try RegistryBodies.description(algorithm, hyperparameters, metrics, dataset_info, training_config)
    }
}

extension ChangeBodies.Model {
    /// - Throws: `schemaViolation` naming each fault.
    func change() throws -> ModelChange {
        try check()
        var change = ModelChange()
        change.name = name
        change.description = description
        change.category = category
        change.tags = tags
        change.isPublic = is_public
        change.isAnonymous = allow_anonymous
        change.addresses = allowed_addresses?.compactMap { AddressRange($0) }
        change.status = status.flatMap(Model.Status.init)
        change.needsApproval = needs_approval
        change.history = history?.policy
        return change
    }
}
