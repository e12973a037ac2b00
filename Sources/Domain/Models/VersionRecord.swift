/// What is said about a version: how it was made and how good it is. It may be there before the version's file.
///
/// It has the id that the version has, or will have when its file comes.
package struct VersionRecord: Sendable {
    /// Versions of one model, deleted ones too.
    package static let maximumCount = 1000

    package let id: VersionID
    package let modelID: ModelID
    package let version: SemanticVersion
    package var description: VersionDescription
    /// The version that this one was made from.
    package let parentID: VersionID?
    package var stage: Stage
    package let createdAt: Timestamp
    package let createdBy: UserID

    package init(
        id: VersionID, modelID: ModelID, version: SemanticVersion, description: VersionDescription, parentID: VersionID?, stage: Stage = .development,
        createdAt: Timestamp, createdBy: UserID
    ) {
        self.id = id
        self.modelID = modelID
        self.version = version
        self.description = description
        self.parentID = parentID
        self.stage = stage
        self.createdAt = createdAt
        self.createdBy = createdBy
    }
}

/// What its maker tells of a version.
package struct VersionDescription: Sendable, Hashable {
    /// `random_forest`; found in the file where nobody says it.
    package var algorithm: String?
    package var hyperparameters: [String: JSONValue]
    /// Numbers by name; `test_accuracy`, else `accuracy`, is what models are filtered by.
    package var metrics: [String: JSONValue]
    /// The data it was trained on: its name, features, size.
    package var dataset: [String: JSONValue]
    /// How it was trained, and whatever else a form of an upload holds: classes, shape of the input, configuration.
    package var training: [String: JSONValue]

    package init(
        algorithm: String? = nil, hyperparameters: [String: JSONValue] = [:], metrics: [String: JSONValue] = [:], dataset: [String: JSONValue] = [:],
        training: [String: JSONValue] = [:]
    ) {
        self.algorithm = algorithm
        self.hyperparameters = hyperparameters
        self.metrics = metrics
        self.dataset = dataset
        self.training = training
    }

    package var accuracy: Double? { metrics["test_accuracy"]?.doubleValue ?? metrics["accuracy"]?.doubleValue }

    /// This, and what `base` says where this says nothing.
    package func filled(from base: VersionDescription) -> VersionDescription {
        VersionDescription(
            algorithm: algorithm ?? base.algorithm, hyperparameters: hyperparameters.isEmpty ? base.hyperparameters : hyperparameters,
            metrics: metrics.isEmpty ? base.metrics : metrics, dataset: dataset.isEmpty ? base.dataset : dataset,
            training: training.isEmpty ? base.training : training)
    }
}

/// How far a version has come on its way to those who use it.
package enum Stage: String, Sendable, CaseIterable, Comparable {
    case archived, development, staging, production

    package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
