/// A version on its way into the catalogue; its number and its folder are decided together with its row.
package struct NewVersion: Sendable {
    package let id: VersionID
    package let modelID: ModelID
    package let ownerID: UserID
    /// nil: the next minor version.
    package let version: SemanticVersion?
    package let fileName: String
    package let originalName: String
    package let fileSize: Int64
    package let fileHash: String
    /// SHA-256 of `custom_api.py`; nil when none was uploaded.
    package let customAPIHash: String?
    package let format: ModelFormat
    package let requirements: [String]
    package let pythonVersion: String?
    package let runtimeChoice: RuntimeChoice
    package let inputSchema: JSONValue?
    package let outputSchema: JSONValue?
    package let notes: String?
    /// What is said of the version when nothing was said before its file came.
    package let description: VersionDescription
    /// The version of another model that this one was made from; nil: the one before.
    package let parentID: VersionID?
    package let createdBy: UserID
    package let createdAt: Timestamp

    package init(
        id: VersionID, modelID: ModelID, ownerID: UserID, version: SemanticVersion?, fileName: String, originalName: String,
        fileSize: Int64, fileHash: String, customAPIHash: String? = nil, format: ModelFormat, requirements: [String], pythonVersion: String?,
        runtimeChoice: RuntimeChoice = .auto, inputSchema: JSONValue?, outputSchema: JSONValue?, notes: String?,
        description: VersionDescription = VersionDescription(), parentID: VersionID? = nil, createdBy: UserID, createdAt: Timestamp
    ) {
        self.id = id
        self.modelID = modelID
        self.ownerID = ownerID
        self.version = version
        self.fileName = fileName
        self.originalName = originalName
        self.fileSize = fileSize
        self.fileHash = fileHash
        self.customAPIHash = customAPIHash
        self.format = format
        self.requirements = requirements
        self.pythonVersion = pythonVersion
        self.runtimeChoice = runtimeChoice
        self.inputSchema = inputSchema
        self.outputSchema = outputSchema
        self.notes = notes
        self.description = description
        self.parentID = parentID
        self.createdBy = createdBy
        self.createdAt = createdAt
    }
}

extension NewVersion {
    package func record(_ version: SemanticVersion, parent: VersionID?) -> VersionRecord {
        VersionRecord(id: id, modelID: modelID, version: version, description: description, parentID: parent, createdAt: createdAt, createdBy: createdBy)
    }
}

/// Models and their versions.
package protocol ModelRepository: Sendable {
    /// Writes a version (and its model when `model` is given), its first validation and its task in one transaction.
    ///
    /// `place` moves the files to the folder of the given ordinal; it runs inside the transaction, so that no row is
    /// without its file. Files without a row, after a crash between the two, are swept at the next start.
    /// - Parameter quota: What the owner may have; checked in the same transaction.
    /// - Throws: `conflict` when the version exists, `modelNotFound`, `quotaExceeded`.
    func add(
        _ version: NewVersion, to model: Model?, within quota: AccountLimits, validation: Validation, task: PlatformTask,
        place: @escaping @Sendable (ModelVersion) throws -> Void
    ) async throws -> ModelVersion

    func model(_ id: ModelID) async throws -> (model: Model, owner: User)?
    /// The newest model of that name which somebody owns.
    func id(of name: String, ownedBy owner: UserID) async throws -> ModelID?
    func models(_ query: ModelQuery) async throws -> ModelPage
    /// - Parameter moment: When the model that was read had been updated last: when it is another by now, nothing is written.
    /// - Returns: false then, and when it was deleted.
    func update(_ model: Model, readAt moment: Timestamp) async throws -> Bool
    /// Whether a moderator took a model with one of these files (SHA-256) out of public view.
    func isModerated(anyOf files: [String]) async throws -> Bool
    /// Writes all of the changes or none.
    /// - Returns: What was written, with the versions that left production; nil when one of the models was changed since it was read.
    func apply(_ changes: [CatalogueChange]) async throws -> [CatalogueChange]?
    /// What an account has: models that were not deleted, and the bytes of their files.
    func use(of owner: UserID) async throws -> AccountUse
    /// Who may do what with each model that serves.
    func rules() async throws -> [ModelID: ModelRules]
    func versions(of model: ModelID) async throws -> [ModelVersion]
    func version(_ id: VersionID) async throws -> ModelVersion?
    func update(_ version: ModelVersion) async throws
    /// Makes `version` the one that serves; the one before it stays, inactive.
    func activate(_ version: VersionID, of model: ModelID, at now: Timestamp) async throws
    /// Says how the validation of a model without a version that serves ended.
    func note(_ validationStatus: ValidationStatus, of model: ModelID, at now: Timestamp) async throws
    /// Leaves the model without a version that serves.
    func deactivate(_ model: ModelID, validationStatus: ValidationStatus, at now: Timestamp) async throws
    /// Marks the model deleted; its files go after the grace period.
    func delete(_ model: ModelID, at now: Timestamp) async throws
    /// Models deleted before `moment` whose files are still there.
    func purgeable(before moment: Timestamp) async throws -> [Model]
    func markPurged(_ model: ModelID) async throws
    /// Every model with an active version, for the snapshot that predictions are served from.
    func deployable() async throws -> [(model: Model, version: ModelVersion, api: ModelAPI?)]
    /// Lets the catalogue learn how large it has become, for the ways that lists are made in.
    func learnSize() async throws
    /// Folders (`models/{user}/{model}/v{n}`) of some models that belong to a row.
    func knownFolders(of models: [ModelID]) async throws -> Set<String>
    /// Those of the environments that a version of a model in the catalogue runs in.
    func usedEnvironments(among keys: [String]) async throws -> Set<String>
}

/// Generated APIs.
package protocol ModelAPIRepository: Sendable {
    func api(of model: ModelID) async throws -> ModelAPI?
    func save(_ api: ModelAPI) async throws
}

/// The usage log.
package protocol UsageRepository: Sendable {
    func append(_ records: [UsageRecord]) async throws
    func statistics(of model: ModelID) async throws -> UsageStatistics
    /// - Parameter day: The first one, in days since 1970-01-01.
    func analytics(of model: ModelID, since day: Int64) async throws -> UsageAnalytics
    /// Newest first.
    func calls(_ query: CallQuery) async throws -> [PastCall]
    /// Removes inputs and outputs that were kept long enough.
    func forgetBodies(at now: Timestamp) async throws
    /// Removes up to 10,000 calls that are older; what they add up to stays.
    /// - Returns: How many went.
    func remove(before moment: Timestamp) async throws -> Int
    /// What each key used in the day and the month of a moment.
    func spendings(at now: Timestamp) async throws -> [KeyID: [KeyBudget.Period: Spending]]
}

/// Validations and their reports.
package protocol ValidationRepository: Sendable {
    func add(_ validation: Validation, task: PlatformTask) async throws
    func validation(_ id: ValidationID) async throws -> Validation?
    func validations(of model: ModelID, limit: Int) async throws -> [Validation]
    func update(_ validation: Validation) async throws
}

/// Durable tasks.
package protocol TaskRepository: Sendable {
    func add(_ task: PlatformTask) async throws
    func task(_ id: TaskID) async throws -> PlatformTask?
    func tasks(of user: UserID, limit: Int) async throws -> [PlatformTask]
    /// Takes the oldest queued task and marks it running; nil when there is none.
    func claim(at now: Timestamp) async throws -> PlatformTask?
    func update(_ task: PlatformTask) async throws
    /// Puts back what a killed server left running.
    func requeueRunning(at now: Timestamp) async throws -> Int
}

/// What an account has used of its limits.
package struct AccountUse: Sendable {
    package let models: Int
    package let storage: Int64

    package init(models: Int, storage: Int64) {
        self.models = models
        self.storage = storage
    }

    /// - Throws: `quotaExceeded` when there is more than `limits` allow.
    package func require(within limits: AccountLimits) throws {
        if let limit = limits.models, models > limit {
            throw PlatformError(
                .quotaExceeded, "The account may have \(limit) models. hint: delete one first.", details: .object(["models_limit": .int(limit)]))
        }
        if let limit = limits.storage, storage > limit {
            throw PlatformError(
                .quotaExceeded, "The model files of the account may have \(limit) bytes together; with this one they would have \(storage).",
                details: .object(["storage_quota": .int(limit), "storage_used": .int(storage)]))
        }
    }
}
