/// What a key is cut down to; nil where its user decides.
package struct KeyScope: Sendable, Hashable {
    package var permissions: Permissions?
    package var models: Set<ModelID>?
    /// Versions that may answer.
    package var versions: Set<VersionID>?
    /// Names of which the version that answers must have one.
    package var aliases: Set<String>?
    package var addresses: [AddressRange]?
    package var requestsPerMinute: Int?
    /// Predictions that run at the same time.
    package var concurrentPredictions: Int?
    package var budgets: [KeyBudget]

    package init(
        permissions: Permissions? = nil, models: Set<ModelID>? = nil, versions: Set<VersionID>? = nil, aliases: Set<String>? = nil, addresses: [AddressRange]? = nil,
        requestsPerMinute: Int? = nil, concurrentPredictions: Int? = nil, budgets: [KeyBudget] = []
    ) {
        self.permissions = permissions
        self.models = models
        self.versions = versions
        self.aliases = aliases
        self.addresses = addresses
        self.requestsPerMinute = requestsPerMinute
        self.concurrentPredictions = concurrentPredictions
        self.budgets = budgets
    }

    /// Whether every prediction is counted.
    package var isMetered: Bool { concurrentPredictions != nil || !budgets.isEmpty }
}
