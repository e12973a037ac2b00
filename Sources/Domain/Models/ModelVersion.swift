/// One uploaded file of a model and everything that was found out about it. Its bytes never change.
package struct ModelVersion: Sendable, Identified {
    package static let idPrefix = "version_"

    package let id: VersionID
    package let modelID: ModelID
    package let version: SemanticVersion
    /// Counts the versions of one model from 1; names the folder `v{ordinal}`.
    package let ordinal: Int
    /// Relative to the data folder: `models/{user}/{model}/v{ordinal}/model.{ext}`.
    package let filePath: String
    /// The client's own name of the file; never used as a path.
    package let originalName: String
    /// Bytes.
    package let fileSize: Int64
    /// SHA-256 of the file, 64 hexadecimal characters.
    package let fileHash: String
    /// SHA-256 of `custom_api.py`; nil when none was uploaded.
    package let customAPIHash: String?
    package let format: ModelFormat
    /// Requirements as given, one a line; empty when they are to be derived from the file.
    package let requirements: [String]
    package let pythonVersion: String?
    package var inputSchema: JSONValue?
    package var outputSchema: JSONValue?
    /// What the model takes and gives, once a worker has described it.
    package var signature: Signature?
    /// Key of the environment that the version runs in, once it was built.
    package var environmentKey: String?
    /// What a network was converted to; nil when it is served by its own library.
    package var converted: ConvertedModel?
    /// Which runtime was asked for.
    package let runtimeChoice: RuntimeChoice
    /// Which runtime serves the version; nil before its validation.
    package var runtime: Runtime?
    package var validationStatus: ValidationStatus
    package var validatedAt: Timestamp?
    /// When its manifest was signed; nil for a version that was validated before there were manifests.
    package var signedAt: Timestamp?
    package var isActive: Bool
    package let createdAt: Timestamp
    package let createdBy: UserID
    package let notes: String?

    package init(
        id: VersionID, modelID: ModelID, version: SemanticVersion, ordinal: Int, filePath: String, originalName: String,
        fileSize: Int64, fileHash: String, customAPIHash: String? = nil, format: ModelFormat, requirements: [String], pythonVersion: String?,
        inputSchema: JSONValue?, outputSchema: JSONValue?, signature: Signature? = nil, environmentKey: String? = nil, converted: ConvertedModel? = nil,
        runtimeChoice: RuntimeChoice = .auto, runtime: Runtime? = nil, validationStatus: ValidationStatus = .pending, validatedAt: Timestamp? = nil,
        signedAt: Timestamp? = nil, isActive: Bool = false, createdAt: Timestamp, createdBy: UserID, notes: String?
    ) {
        self.id = id
        self.modelID = modelID
        self.version = version
        self.ordinal = ordinal
        self.filePath = filePath
        self.originalName = originalName
        self.fileSize = fileSize
        self.fileHash = fileHash
        self.customAPIHash = customAPIHash
        self.format = format
        self.requirements = requirements
        self.pythonVersion = pythonVersion
        self.inputSchema = inputSchema
        self.outputSchema = outputSchema
        self.signature = signature
        self.environmentKey = environmentKey
        self.converted = converted
        self.runtimeChoice = runtimeChoice
        self.runtime = runtime
        self.validationStatus = validationStatus
        self.validatedAt = validatedAt
        self.signedAt = signedAt
        self.isActive = isActive
        self.createdAt = createdAt
        self.createdBy = createdBy
        self.notes = notes
    }

    /// The folder of the version, relative to the data folder.
    package var folder: String { String(filePath[..<(filePath.lastIndex(of: "/") ?? filePath.startIndex)]) }
}
