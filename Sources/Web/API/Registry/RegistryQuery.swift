internal import Domain
internal import HTTPTypes
internal import Hummingbird

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
