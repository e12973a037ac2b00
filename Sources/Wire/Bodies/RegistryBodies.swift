package import Domain

/// Bodies of the registry, in the shapes of its contract: versions are written `v2.1`.
package enum RegistryBodies {
    package struct New: Decodable, Sendable {
        package let name: String
        package let description: String?
        package let model_type: String?
        package let framework: String?
        package let tags: [String]?
        package let is_public: Bool?
        package let version: String?
        package let parent_model_id: String?
        package let algorithm: String?
        package let hyperparameters: [String: JSONValue]?
        package let metrics: [String: JSONValue]?
        package let dataset_info: [String: JSONValue]?
        package let training_config: [String: JSONValue]?
    }

    package struct NewVersion: Decodable, Sendable {
        package let version: String?
        package let breaking_changes: Bool?
        package let parent_version_id: String?
        package let algorithm: String?
        package let hyperparameters: [String: JSONValue]?
        package let metrics: [String: JSONValue]?
        package let dataset_info: [String: JSONValue]?
        package let training_config: [String: JSONValue]?
    }

    package struct Change: Decodable, Sendable {
        package let algorithm: String?
        package let hyperparameters: [String: JSONValue]?
        package let metrics: [String: JSONValue]?
        package let dataset_info: [String: JSONValue]?
        package let training_config: [String: JSONValue]?
    }

    package static func description(
        _ algorithm: String?, _ hyperparameters: [String: JSONValue]?, _ metrics: [String: JSONValue]?, _ dataset: [String: JSONValue]?,
        _ training: [String: JSONValue]?
    ) throws(PlatformError) -> VersionDescription {
        if let algorithm, !algorithm.isLine(upTo: 100) { throw PlatformError.field("/algorithm", "expected 1 to 100 characters in one line") }
        for (name, value) in metrics ?? [:] where value.doubleValue == nil { throw PlatformError.field("/metrics/\(name)", "expected a number") }
        for (name, value) in [("hyperparameters", hyperparameters), ("metrics", metrics), ("dataset_info", dataset), ("training_config", training)] {
            guard let value, ControlJSON.encode(.object(value)).count > 32 << 10 else { continue }
            throw PlatformError.field("/\(name)", "expected at most \(32 << 10) bytes of JSON")
        }
        return VersionDescription(
            algorithm: algorithm, hyperparameters: hyperparameters ?? [:], metrics: metrics ?? [:], dataset: dataset ?? [:],
            training: training.map { ["training_config": .object($0)] } ?? [:])
    }

    // MARK: - Answers

    package static func summary(_ model: Model, owner: User) -> JSONValue {
        .object(members(model, owner))
    }

    package static func offer(_ model: Model, owner: User, _ facts: MarketplaceFacts) -> JSONValue {
        var object = members(model, owner)
        object["license"] = text(facts.license)
        object["has_card"] = .bool(facts.hasCard)
        object["call_count"] = .int(facts.calls)
        return .object(object)
    }

    /// Where the model is called, in the words of the serving contract.
    package static func endpoint(of model: ModelID) -> String { "/api/v1/predict/\(model)" }

    package static func details(_ model: Model, owner: User, _ record: VersionRecord, file: ModelVersion?, usage: UsageStatistics) -> JSONValue {
        var object = members(model, owner)
        object.merge([
            "userId": .string(owner.id.rawValue), "fileFormat": text(file?.format.rawValue), "endpointUrl": .string(endpoint(of: model.id)),
            "filePath": file.map { .string("/models/\(model.id)/\($0.version)") } ?? .null, "createdAt": .string(model.createdAt.description),
            "lastUsed": text(usage.lastCallAt?.description), "requestCount": .int(usage.totalCalls),
        ]) { own, _ in own }
        object.merge(said(record.description)) { _, said in said }
        object["version"] = .string(record.version.short)
        object["version_id"] = .string(record.id.rawValue)
        object["parent_version_id"] = text(record.parentID?.rawValue)
        object["model_size"] = file.map { .string(ByteText.of($0.fileSize)) } ?? .null
        object["file_metadata"] = file.map { Self.file($0) } ?? .null
        object["download_url"] = .string("/api/v1/models/\(model.id)/download")
        object["description"] = .string(model.description)
        object["is_public"] = .bool(model.isPublic)
        object["history"] = ModelBodies.history(model.history)
        object["needs_approval"] = .bool(model.needsApproval)
        return .object(object)
    }

    package static func version(_ record: VersionRecord, file: ModelVersion? = nil, aliases: [String] = []) -> JSONValue {
        var object = said(record.description)
        object.merge([
            "id": .string(record.id.rawValue), "model_id": .string(record.modelID.rawValue), "version": .string(record.version.short),
            "semantic_version": .string(record.version.description), "stage": .string(record.stage.rawValue), "parent_version_id": text(record.parentID?.rawValue),
            "created_at": .string(record.createdAt.description), "created_by": .string(record.createdBy.rawValue), "aliases": .strings(aliases),
            "file_metadata": file.map { Self.file($0) } ?? .null, "validation_status": text(file?.validationStatus.rawValue),
            "is_active": .bool(file?.isActive ?? false),
        ]) { _, own in own }
        return .object(object)
    }

    package static func file(_ version: ModelVersion) -> JSONValue {
        .object([
            "file_id": .string(version.id.rawValue), "size_bytes": .int(version.fileSize), "checksum": .string("sha256:\(version.fileHash)"),
            "format": .string(version.format.rawValue), "original_name": .string(version.originalName),
        ])
    }

    package static func promotion(_ promotion: Promotion) -> JSONValue {
        .object([
            "id": .string(promotion.id.rawValue), "model_id": .string(promotion.modelID.rawValue), "version_id": .string(promotion.versionID.rawValue),
            "from_stage": .string(promotion.from.rawValue), "to_stage": .string(promotion.to.rawValue), "state": .string(promotion.state.rawValue),
            "archived_versions": .strings(promotion.archived.map(\.rawValue)), "comment": text(promotion.comment),
            "requested_by": .string(promotion.requestedBy.rawValue), "requested_at": .string(promotion.requestedAt.description),
            "decided_by": text(promotion.decidedBy?.rawValue), "decided_at": text(promotion.decidedAt?.description),
        ])
    }

    package static func rating(_ rating: Rating) -> JSONValue {
        .object([
            "model_id": .string(rating.modelID.rawValue), "user_id": .string(rating.userID.rawValue), "username": .string(rating.username), "rating": .int(rating.stars),
            "review": text(rating.review), "created_at": .string(rating.createdAt.description), "updated_at": .string(rating.updatedAt.description),
        ])
    }

    package static func alias(_ alias: ModelAlias) -> JSONValue {
        .object([
            "alias": .string(alias.name), "version_id": .string(alias.versionID.rawValue), "updated_at": .string(alias.updatedAt.description),
            "updated_by": .string(alias.updatedBy.rawValue),
        ])
    }

    private static func members(_ model: Model, _ owner: User) -> [String: JSONValue] {
        [
            "id": .string(model.id.rawValue), "name": .string(model.name), "algorithm": text(model.registered.algorithm), "version": .string(model.version.short),
            "metrics": .object(model.registered.metrics), "model_type": .string(model.type.rawValue), "framework": text(model.framework),
            "category": text(model.category), "tags": .strings(model.tags), "status": .string(model.status.rawValue),
            "stage": .string(model.registered.stage.rawValue), "download_count": .int(model.registered.downloads),
            "rating": .object([
                "average": model.registered.rating.average.map { .double(($0 * 100).rounded() / 100) } ?? .null, "count": .int(model.registered.rating.count),
            ]),
            "size_bytes": .int(model.registered.bytes),
            "parent_model_id": text(model.registered.parentID?.rawValue), "created_by": .string(owner.username), "owner_id": .string(owner.id.rawValue),
            "created_at": .string(model.createdAt.description), "updated_at": .string(model.updatedAt.description),
        ]
    }

    private static func said(_ description: VersionDescription) -> [String: JSONValue] {
        [
            "algorithm": text(description.algorithm), "hyperparameters": .object(description.hyperparameters), "metrics": .object(description.metrics),
            "dataset_info": .object(description.dataset), "training": .object(description.training),
        ]
    }

    private static func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
}

/// Sizes for people: `15.4 MB`, in powers of 1024 as the registry's contract writes them.
package enum ByteText {
    package static func of(_ bytes: Int64) -> String {
        let units = ["B", "KB", "MB", "GB", "TB"]
        var (value, unit) = (Double(bytes), 0)
        while value >= 1024, unit < units.count - 1 { (value, unit) = (value / 1024, unit + 1) }
        return unit == 0 ? "\(bytes) B" : "\((value * 10).rounded() / 10) \(units[unit])"
    }
}
