/// The prediction API generated for a model: where it answers and how often it may be asked.
package struct ModelAPI: Sendable, Identified {
    package static let idPrefix = "api_"

    package let id: APIID
    package let modelID: ModelID
    package var versionID: VersionID
    package var endpointPath: String
    package var isActive: Bool
    /// Requests a minute of all callers together; nil: no limit of its own.
    package var rateLimitPerMinute: Int?
    /// Whether predictions answer 202 with a job to poll.
    package var isAsync: Bool
    package let createdAt: Timestamp
    package var updatedAt: Timestamp

    package init(
        id: APIID, modelID: ModelID, versionID: VersionID, endpointPath: String, isActive: Bool, rateLimitPerMinute: Int?,
        isAsync: Bool, createdAt: Timestamp, updatedAt: Timestamp
    ) {
        self.id = id
        self.modelID = modelID
        self.versionID = versionID
        self.endpointPath = endpointPath
        self.isActive = isActive
        self.rateLimitPerMinute = rateLimitPerMinute
        self.isAsync = isAsync
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}
