/// What is said of a version before its file comes.
package struct NewRecord: Sendable {
    package let id: VersionID
    package let modelID: ModelID
    /// nil: the next one.
    package let version: SemanticVersion?
    /// Whether the next one is a major one.
    package let isBreaking: Bool
    package let description: VersionDescription
    /// nil: the newest version.
    package let parentID: VersionID?
    package let createdAt: Timestamp
    package let createdBy: UserID

    package init(
        id: VersionID, modelID: ModelID, version: SemanticVersion?, isBreaking: Bool, description: VersionDescription, parentID: VersionID?, createdAt: Timestamp,
        createdBy: UserID
    ) {
        self.id = id
        self.modelID = modelID
        self.version = version
        self.isBreaking = isBreaking
        self.description = description
        self.parentID = parentID
        self.createdAt = createdAt
        self.createdBy = createdBy
    }
}

/// What is said about versions.
package protocol RecordRepository: Sendable {
    /// Writes a model without a file, and what is said of its first version.
    /// - Throws: `quotaExceeded`.
    func register(_ model: Model, _ record: VersionRecord, within quota: AccountLimits) async throws
    /// Gives the next version its number before its file comes; what is not said of it is taken from its parent.
    /// - Throws: `conflict` when the version exists.
    func announce(_ new: NewRecord) async throws -> VersionRecord
    func record(_ id: VersionID) async throws -> VersionRecord?
    /// Newest first.
    func records(of model: ModelID) async throws -> [VersionRecord]
    func update(_ record: VersionRecord) async throws
    /// Notes the algorithm of a version of which nobody said it.
    func learn(_ algorithm: String, of id: VersionID) async throws
    /// The version, what it was made from, and so on; also across models.
    func ancestors(of id: VersionID, limit: Int) async throws -> [VersionRecord]
}

/// The catalogue as a whole.
package protocol CatalogueRepository: Sendable {
    /// - Parameter viewer: nil: everything.
    func statistics(for viewer: ModelQuery.Viewer?, at now: Timestamp) async throws -> CatalogueStatistics
    /// Models that were ever made known, by algorithm; deleted ones too.
    func registrations() async throws -> [String: Int]
    func mostDownloaded(limit: Int) async throws -> [(id: ModelID, algorithm: String, downloads: Int)]
    /// Counts a download that came to its end.
    func countDownload(of version: VersionID, _ model: ModelID, by user: UserID, at now: Timestamp) async throws
}

/// Finding and removing what nobody needs.
package protocol CleanupRepository: Sendable {
    func items(_ policy: CleanupPolicy, at now: Timestamp) async throws -> [CleanupItem]
    /// Whether an item of a plan would still be in it.
    func stillHolds(_ item: CleanupItem, _ policy: CleanupPolicy, at now: Timestamp) async throws -> Bool
    /// Takes a version out of the catalogue; its number is not given out again.
    /// - Throws: `notFound`; `conflict` for one that serves or is in production.
    func delete(_ version: VersionID, of model: ModelID, at now: Timestamp) async throws
    /// Versions deleted before `moment` whose files are still there.
    func purgeableVersions(before moment: Timestamp) async throws -> [ModelVersion]
    func markPurged(_ version: VersionID) async throws
}

/// What people think of public models, and what they can choose from.
package protocol RatingRepository: Sendable {
    /// Writes a rating in place of an earlier one of the same person.
    func save(_ rating: Rating) async throws
    /// - Returns: false when there was none.
    func remove(of user: UserID, on model: ModelID) async throws -> Bool
    /// Newest first.
    func ratings(of model: ModelID, limit: Int, offset: Int) async throws -> [Rating]
    /// How often each number of stars was given.
    func distribution(of model: ModelID) async throws -> [Int: Int]
    func facets(_ query: ModelQuery) async throws -> Facets
}

/// Files that come in parts.
package protocol UploadRepository: Sendable {
    /// - Throws: `quotaExceeded` when the account has too many, or no room for the file.
    func add(_ upload: ResumableUpload, within quota: AccountLimits) async throws
    func update(_ upload: ResumableUpload) async throws
    func upload(_ id: UploadID) async throws -> ResumableUpload?
    /// - Parameter user: nil: everybody's.
    func uploads(of user: UserID?) async throws -> [ResumableUpload]
    func remove(_ id: UploadID) async throws
    /// A version of somebody's own with this file.
    func version(withFile sha256: String, ownedBy user: UserID) async throws -> ModelVersion?
}

/// Stages and names of versions.
package protocol PromotionRepository: Sendable {
    /// Writes the way to another stage; when it is done, the version and those it replaces change with it.
    /// - Throws: `conflict` when the version is in another stage by now.
    func save(_ promotion: Promotion) async throws -> Promotion
    func promotion(_ id: PromotionID) async throws -> Promotion?
    /// Newest first.
    func promotions(of model: ModelID, limit: Int) async throws -> [Promotion]
    /// Puts every version back where it was.
    /// - Throws: `conflict` when one of them was moved since.
    func revert(_ promotion: Promotion) async throws
    func aliases(of model: ModelID) async throws -> [ModelAlias]
    func save(_ alias: ModelAlias) async throws
    /// - Returns: false when there was none.
    func removeAlias(_ name: String, of model: ModelID) async throws -> Bool
}
