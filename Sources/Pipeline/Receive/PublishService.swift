package import Access
package import Domain
internal import Files
package import Formats
internal import Foundation
package import Logging
internal import NIOPosix
package import Store
internal import Workers

/// What an upload became.
package struct Publication: Sendable {
    package let model: Model
    package let version: ModelVersion
    package let validationID: ValidationID
    package let taskID: TaskID
    /// What the scan found, where it was asked for before the file was stored.
    package let warnings: [Finding]
}

/// How an upload is stored.
package struct PublishOptions: Sendable {
    /// The version that was made known before its file came.
    package var recordID: VersionID?
    /// Whether the file is scanned before it is stored, and a bad one refused; it is scanned after it in any case.
    package var scansFirst = false
    /// Whether the form has the registry's words; a name that the caller has used then means that model.
    package var isRegistryForm = false
    /// What the version is a copy of.
    var origin: Origin?
    /// What is said of the version where its form says nothing.
    var said = VersionDescription()

    /// The version that another one was made from.
    struct Origin: Sendable {
        let modelID: ModelID
        let versionID: VersionID
    }

    init(origin: Origin, said: VersionDescription) {
        self.origin = origin
        self.said = said
    }

    package init(recordID: VersionID? = nil, scansFirst: Bool = false, isRegistryForm: Bool = false) {
        self.recordID = recordID
        self.scansFirst = scansFirst
        self.isRegistryForm = isRegistryForm
    }
}

/// Turns a received upload into a stored version that waits for its validation.
package struct PublishService: Sendable {
    private let models: any ModelRepository
    let files: VersionFiles
    private let standards: AccountStandards
    private let scanner: ArtifactScanner
    private let audit: any AuditRepository
    private let runner: TaskRunner
    private let events: EventService
    let clock: any WallClock
    private let logger: Logger

    package init(
        models: any ModelRepository, files: VersionFiles, standards: AccountStandards, scanner: ArtifactScanner, audit: any AuditRepository, runner: TaskRunner,
        events: EventService, clock: any WallClock, logger: Logger
    ) {
        self.models = models
        self.files = files
        self.standards = standards
        self.scanner = scanner
        self.audit = audit
        self.runner = runner
        self.events = events
        self.clock = clock
        self.logger = logger
    }

    /// Stores the upload as a new model, or as a version of `modelID`.
    ///
    /// The files move to their place inside the transaction that writes the rows: neither is there without the other.
    /// - Throws: `schemaViolation`, `unsupportedFormat`, `unprocessable`, `modelNotFound`, `forbidden`, `conflict`,
    ///   `storageFailure`. Nothing of the upload stays behind.
    package func publish(
        _ upload: ReceivedUpload, as modelID: ModelID? = nil, _ options: PublishOptions = PublishOptions(), by principal: Principal
    ) async throws -> Publication {
        do {
            let publication = try await store(upload, modelID, options, principal)
            runner.wake()
            return publication
        } catch {
            upload.staged.discard()
            throw error
        }
    }

    /// Asked before a body is received.
    /// - Throws: `forbidden`, `quotaExceeded` when there is no place for another model.
    package func requirePlace(for principal: Principal, isNew: Bool) async throws {
        try principal.require(.uploadModels)
        if isNew { try Self.requireAnyModel(principal) }
        guard isNew, let limit = principal.limits.models else { return }
        let use = try await models.use(of: principal.userID)
        try AccountUse(models: use.models + 1, storage: 0).require(within: AccountLimits(models: limit))
    }

    private static func requireAnyModel(_ principal: Principal) throws {
        guard principal.scope?.models == nil else { throw PlatformError(.forbidden, "The API key is for single models and cannot upload a new one.") }
    }

    private func store(_ upload: ReceivedUpload, _ modelID: ModelID?, _ options: PublishOptions, _ principal: Principal) async throws -> Publication {
        try principal.require(.uploadModels)
        let upload = options.isRegistryForm ? try RegistryForm.hosting(upload) : upload
        var modelID = modelID
        if options.isRegistryForm, modelID == nil, let name = upload.fields["name"] { modelID = try await models.id(of: name, ownedBy: principal.userID) }
        let existing = try await existing(modelID, principal)
        if existing == nil { try Self.requireAnyModel(principal) }
        guard let file = upload.files["file"], file.size > 0 else { throw PlatformError.field("/file", "expected the model file, found none or an empty one") }
        let requirements = try text(of: "requirements", in: upload)
        let form = try UploadForm(upload.fields, requirements: requirements, existing: existing?.model)
        let format = try await format(of: file, in: upload, declared: form.type)
        if existing?.model.isPublic ?? form.isPublic, !principal.may(.administerModels), try await models.isModerated(anyOf: [file.sha256]) {
            throw PlatformError(.forbidden, "A moderator took a model with this file out of public view. hint: upload it as a private model.")
        }
        let warnings = options.scansFirst ? try await judge(file, in: upload) : []
        try arrange(upload, file, format, form, requirements)

        let now = clock.now
        let ownerID = existing?.model.ownerID ?? principal.userID
        let id = existing?.model.id ?? ModelID(at: now)
        let new = NewVersion(
            id: options.recordID ?? VersionID(at: now), modelID: id, ownerID: ownerID, version: form.version, fileName: "model.\(format.fileExtension)",
            originalName: String(file.originalName.prefix(255)), fileSize: file.size, fileHash: file.sha256, customAPIHash: upload.files["custom_api"]?.sha256,
            format: format,
            requirements: form.requirements.map(\.text), pythonVersion: form.pythonVersion, runtimeChoice: form.runtime, inputSchema: form.inputSchema,
            outputSchema: form.outputSchema, notes: form.notes,
            description: form.versionDescription.filled(from: options.said), parentID: options.origin?.versionID,
            createdBy: principal.userID, createdAt: now
        )
        let taskID = TaskID(at: now)
        let validation = Validation(
            id: ValidationID(at: now), modelID: id, versionID: new.id, taskID: taskID, requestedBy: principal.userID, createdAt: now
        )
        let task = PlatformTask(
            id: taskID, kind: .validation, modelID: id, versionID: new.id, ownerID: principal.userID, subject: validation.id.rawValue,
            createdAt: now, updatedAt: now
        )
        var model = existing == nil ? Self.model(id, form, principal, now) : nil
        model?.registered.parentID = options.origin?.modelID
        guard let published = model ?? existing?.model else { throw PlatformError.notFound("model", id.rawValue) }
        let quota = existing.map { standards.limits(of: $0.owner) } ?? principal.limits
        let version = try await models.add(new, to: model, within: quota, validation: validation, task: task) { [files, staged = upload.staged] version in
            try files.place(staged, as: version)
        }
        await finish(published, version, isNew: existing == nil, of: ownerID, within: quota, by: principal)
        return Publication(model: published, version: version, validationID: validation.id, taskID: taskID, warnings: warnings)
    }

    /// What follows the commit: the upload stands, whatever becomes of this.
    private func finish(_ model: Model, _ version: ModelVersion, isNew: Bool, of owner: UserID, within quota: AccountLimits, by principal: Principal) async {
        do {
            try await writeInfo(model, version)
            try await record(version, isNew: isNew, by: principal)
            try await warn(owner, quota, added: version.fileSize, isNew: isNew)
        } catch {
            logger.error("An upload was stored, but not recorded in full", metadata: ["version": "\(version.id)", "error": "\(error)"])
        }
    }

    /// Tells an account once when this upload has used up most of what it may have.
    private func warn(_ owner: UserID, _ quota: AccountLimits, added bytes: Int64, isNew: Bool) async throws {
        let use = try await models.use(of: owner)
        func isCrossed(_ now: Int64, _ before: Int64, _ most: Int64) -> Bool { now >= most / 5 * 4 && before < most / 5 * 4 }
        if let most = quota.storage, isCrossed(use.storage, use.storage - bytes, most) {
            await events.limitNear("storage", used: use.storage, of: most, to: owner, at: clock.now)
        }
        if let most = quota.models, isNew, isCrossed(Int64(use.models), Int64(use.models) - 1, Int64(most)) {
            await events.limitNear("models", used: Int64(use.models), of: Int64(most), to: owner, at: clock.now)
        }
    }

    private func record(_ version: ModelVersion, isNew: Bool, by principal: Principal) async throws {
        try await audit.append(
            AuditEntry(
                action: isNew ? "model.uploaded" : "version.uploaded", resourceType: "ml_model", resourceID: version.modelID.rawValue,
                userID: principal.userID, details: .object(["version": .string(version.version.description), "sha256": .string(version.fileHash)]), at: clock.now
            )
        )
    }

    private func existing(_ id: ModelID?, _ principal: Principal) async throws -> (model: Model, owner: User)? {
        guard let id else { return nil }
        guard let found = try await models.model(id) else { throw PlatformError.notFound("model", id.rawValue) }
        try ModelAccess.require(.update, on: id, found.model.rules, by: principal, at: clock.now)
        return found
    }

    private func format(of file: ReceivedUpload.File, in upload: ReceivedUpload, declared: ModelType) async throws -> ModelFormat {
        let stored = upload.staged.file(file.stagedName)
        let format = try await NIOThreadPool.singleton.runIfActive { [scanner] in try scanner.detect(try stored.open()) }
        guard format.modelTypes.contains(declared) else {
            let types = format.modelTypes.map(\.rawValue).sorted()
            throw PlatformError(
                .unsupportedFormat,
                "The file is \(format.rawValue) by its content, which is not a format of the declared model_type '\(declared.rawValue)'.",
                details: .object([
                    "found": .string(format.rawValue), "model_types_of_this_format": .strings(types),
                    "supported_formats": .strings(ModelFormat.supportedExtensions),
                ])
            )
        }
        return format
    }

    /// - Throws: `invalidInput` with the findings for a file that fails its scan.
    private func judge(_ file: ReceivedUpload.File, in upload: ReceivedUpload) async throws -> [Finding] {
        let stored = upload.staged.file(file.stagedName)
        let artifact = try await NIOThreadPool.singleton.runIfActive { [scanner] in try scanner.scan(try stored.open()) }
        guard artifact.verdict == .failed else { return artifact.findings }
        let worst = artifact.findings.max { $0.severity < $1.severity }
        throw PlatformError(
            .invalidInput, "Security violation: \(worst?.found ?? ""). \(worst?.reason ?? "")",
            details: .object([
                "findings": .array(
                    artifact.findings.prefix(100).map {
                        .object(["severity": .string($0.severity.rawValue), "rule": .string($0.rule), "found": .string($0.found), "reason": .string($0.reason)])
                    })
            ]))
    }

    /// Gives the staged files the names they keep.
    private func arrange(_ upload: ReceivedUpload, _ file: ReceivedUpload.File, _ format: ModelFormat, _ form: UploadForm, _ requirements: String) throws {
        let staged = upload.staged
        try staged.rename(file.stagedName, to: "model.\(format.fileExtension)")
        if let custom = upload.files["custom_api"] { try staged.rename(custom.stagedName, to: "custom_api.py") }
        if let sample = upload.files["sample_input"] {
            try staged.rename(sample.stagedName, to: "sample_input.json")
        } else if let sample = upload.fields["sample_input"] {
            try staged.write(sample, to: "sample_input.json")
        }
        if let config = upload.files["config_file"] {
            let ending = config.originalName.lowercased().split(separator: ".").last.map { ".\($0)" } ?? ""
            guard let name = VersionFiles.configFiles.first(where: { $0.hasSuffix(ending) && !ending.isEmpty }) else {
                throw PlatformError.field("/config_file", "expected a file that ends with .yaml, .yml, .json or .txt")
            }
            try staged.rename(config.stagedName, to: name)
        }
        if upload.files["requirements"] != nil { staged.remove("requirements.part") }
        try staged.write(form.requirements.map(\.text).joined(separator: "\n") + (form.requirements.isEmpty ? "" : "\n"), to: "requirements.txt")
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let metadata = VersionMetadata(
            name: form.name, description: form.description, modelType: form.type.rawValue, framework: form.framework, format: format.rawValue,
            originalName: file.originalName, sha256: file.sha256, size: file.size
        )
        try staged.write(String(decoding: try encoder.encode(metadata), as: UTF8.self), to: "metadata.json")
    }

    private func text(of name: String, in upload: ReceivedUpload) throws -> String {
        if let field = upload.fields[name] { return field }
        guard let file = upload.files[name] else { return "" }
        guard file.size <= 1 << 20, let text = String(validating: try upload.staged.file(file.stagedName).contents(), as: UTF8.self)
        else { throw PlatformError.field("/\(name)", "expected at most 1 MiB of UTF-8 text") }
        return text
    }

    private func writeInfo(_ model: Model, _ version: ModelVersion) async throws {
        let info = ModelInfo(id: model.id.rawValue, name: model.name, modelType: model.type.rawValue, createdAt: model.createdAt.description)
        try await NIOThreadPool.singleton.runIfActive { [files] in try files.write(info, to: "model_info.json", of: version) }
    }

    private static func model(_ id: ModelID, _ form: UploadForm, _ principal: Principal, _ now: Timestamp) -> Model {
        Model(
            id: id, name: form.name, description: form.description, type: form.type, framework: form.framework ?? form.type.frameworkName,
            category: form.category, tags: form.tags, isPublic: form.isPublic, ownerID: principal.userID,
            version: form.version ?? .first, createdAt: now, updatedAt: now
        )
    }
}

/// `metadata.json` beside a version's file.
private struct VersionMetadata: Encodable {
    let name: String
    let description: String
    let modelType: String
    let framework: String?
    let format: String
    let originalName: String
    let sha256: String
    let size: Int64
}

/// `model_info.json` beside the versions of a model.
private struct ModelInfo: Encodable {
    let id: String
    let name: String
    let modelType: String
    let createdAt: String
}
