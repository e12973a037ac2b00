/// A model in the catalogue: what its owner says about it and which of its versions serves.
package struct Model: Sendable, Identified {
    package static let idPrefix = "model_"

    package enum Status: String, Sendable, CaseIterable {
        case pending, validated, active, deprecated, archived, deleted
    }

    package let id: ModelID
    package var name: String
    package var description: String
    package var type: ModelType
    package var framework: String?
    package var category: String?
    package var tags: [String]
    package var isPublic: Bool
    package var isAnonymous: Bool
    /// Whether a moderator took the model out of public view.
    package var isModerated = false
    package var addresses: [AddressRange]?
    package let ownerID: UserID
    /// Filled where a single model is read.
    package var grants: [ModelGrant]
    /// What the version that serves is called; filled where a single model is read.
    package var currentAliases: Set<String> = []
    package var status: Status
    package var validationStatus: ValidationStatus
    package var currentVersionID: VersionID?
    /// The text of the current version, or of the first one while none is active.
    package var version: SemanticVersion
    package var registered: Registered
    /// Whether a second person must agree before a version goes to production.
    package var needsApproval: Bool
    package var history: HistoryPolicy
    package let createdAt: Timestamp
    package var updatedAt: Timestamp

    package init(
        id: ModelID, name: String, description: String, type: ModelType, framework: String?, category: String?, tags: [String],
        isPublic: Bool, isAnonymous: Bool = false, addresses: [AddressRange]? = nil, ownerID: UserID, grants: [ModelGrant] = [], status: Status = .pending,
        validationStatus: ValidationStatus = .pending,
        currentVersionID: VersionID? = nil, version: SemanticVersion, registered: Registered = Registered(), needsApproval: Bool = false,
        history: HistoryPolicy = HistoryPolicy(), createdAt: Timestamp,
        updatedAt: Timestamp
    ) {
        self.id = id
        self.name = name
        self.description = description
        self.type = type
        self.framework = framework
        self.category = category
        self.tags = tags
        self.isPublic = isPublic
        self.isAnonymous = isAnonymous
        self.addresses = addresses
        self.ownerID = ownerID
        self.grants = grants
        self.status = status
        self.validationStatus = validationStatus
        self.currentVersionID = currentVersionID
        self.version = version
        self.registered = registered
        self.needsApproval = needsApproval
        self.history = history
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    package var rules: ModelRules {
        ModelRules(ownerID: ownerID, isPublic: isPublic, isAnonymous: isAnonymous, addresses: addresses, grants: grants, aliases: currentAliases)
    }
}

/// What the registry shows of a model in lists: taken from the version that serves, else from the newest.
package struct Registered: Sendable {
    package var algorithm: String?
    package var metrics: [String: JSONValue]
    /// The highest stage of all versions.
    package var stage: Stage
    package var downloads: Int
    /// Bytes of all model files.
    package var bytes: Int64
    /// The model that this one was made from.
    package var parentID: ModelID?
    package var rating: RatingSummary

    package init(
        algorithm: String? = nil, metrics: [String: JSONValue] = [:], stage: Stage = .development, downloads: Int = 0, bytes: Int64 = 0, parentID: ModelID? = nil,
        rating: RatingSummary = RatingSummary()
    ) {
        self.algorithm = algorithm
        self.metrics = metrics
        self.stage = stage
        self.downloads = downloads
        self.bytes = bytes
        self.parentID = parentID
        self.rating = rating
    }
}

/// What the uploader declares a model to be; the file's content is checked against it.
package enum ModelType: String, Sendable, CaseIterable {
    case sklearn, tensorflow, pytorch, xgboost, lightgbm, onnx, custom

    /// The framework's own name, used when the uploader gives none.
    package var frameworkName: String? {
        switch self {
        case .sklearn: "scikit-learn"
        case .custom: nil
        default: rawValue
        }
    }

    /// Frameworks, by their distributions' names, whose files may be declared so; empty: any.
    package var writers: Set<String> {
        switch self {
        case .sklearn: ["scikit-learn"]
        case .tensorflow: ["tensorflow", "keras", "tflite", "safetensors"]
        case .pytorch: ["torch", "safetensors"]
        case .xgboost, .lightgbm, .onnx: [rawValue]
        case .custom: []
        }
    }
}

/// The outcome of a validation, or that it has not ended yet.
package enum ValidationStatus: String, Sendable, CaseIterable {
    case pending, passed, warning, failed

    /// Whether a version with this outcome may serve.
    package var mayServe: Bool { self == .passed || self == .warning }
}
