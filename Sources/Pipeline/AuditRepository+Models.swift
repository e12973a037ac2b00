internal import Domain

extension AuditRepository {
    /// Writes down what was done with a model.
    /// - Parameter user: nil for the server itself.
    func note(_ action: String, on model: ModelID, by user: UserID?, _ details: [String: JSONValue] = [:], at now: Timestamp) async throws {
        try await append(
            AuditEntry(
                action: action, resourceType: "ml_model", resourceID: model.rawValue, userID: user, details: details.isEmpty ? nil : .object(details), at: now))
    }
}
