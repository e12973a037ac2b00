package import Domain

/// Answers about models and versions, in the shapes of the hosting contract.
package enum ModelBodies {
    package static func summary(_ model: Model, owner: User) -> JSONValue {
        .object(members(model, owner))
    }

    package static func details(
        _ model: Model, owner: User, versions: [ModelVersion], usage: UsageStatistics, deployment: Deployment?
    ) -> JSONValue {
        var object = members(model, owner)
        let current = versions.first { $0.id == model.currentVersionID }
        object["current_version"] = current.map { version($0, serving: deployment) } ?? .null
        object["versions"] = .array(versions.map { version($0, serving: deployment) })
        object["usage_stats"] = .object([
            "total_calls": .int(usage.totalCalls),
            "success_rate": usage.successRate.map { .double($0) } ?? .null,
            "avg_response_time_ms": usage.averageResponseMilliseconds.map { .double(($0 * 1000).rounded() / 1000) } ?? .null,
        ])
        return .object(object)
    }

    package static func version(_ version: ModelVersion, serving deployment: Deployment?) -> JSONValue {
        .object([
            "id": .string(version.id.rawValue), "model_id": .string(version.modelID.rawValue), "version": .string(version.version.description),
            "format": .string(version.format.rawValue), "file_size": .int(version.fileSize), "file_hash": .string(version.fileHash),
            "original_name": .string(version.originalName), "requirements": .strings(version.requirements),
            "python_version": text(version.pythonVersion), "validation_status": .string(version.validationStatus.rawValue),
            "validation_date": version.validatedAt.map { .string($0.description) } ?? .null, "is_active": .bool(version.isActive),
            "runtime": text(version.runtime?.rawValue), "requested_runtime": .string(version.runtimeChoice.rawValue), "conversion": conversion(version),
            "input_schema": inputSchema(version) ?? .null,
            "output_schema": outputSchema(version) ?? .null,
            "created_at": .string(version.createdAt.description), "created_by": .string(version.createdBy.rawValue), "notes": text(version.notes),
        ])
    }

    /// What a network was converted to; null when it was not.
    private static func conversion(_ version: ModelVersion) -> JSONValue {
        guard let converted = version.converted else { return .null }
        return .object(["format": "onnx", "sha256": .string(converted.sha256), "tools": .object(converted.tools.mapValues { .string($0) })])
    }

    /// The input schema that was given, else the one detected.
    package static func inputSchema(_ version: ModelVersion) -> JSONValue? {
        if let given = version.inputSchema { return given }
        return version.signature.map(SignatureSchema.row)
    }

    package static func outputSchema(_ version: ModelVersion) -> JSONValue? {
        if let given = version.outputSchema { return given }
        return version.signature.map(SignatureSchema.prediction)
    }

    private static func members(_ model: Model, _ owner: User) -> [String: JSONValue] {
        [
            "id": .string(model.id.rawValue), "name": .string(model.name), "description": .string(model.description),
            "model_type": .string(model.type.rawValue), "framework": text(model.framework), "category": text(model.category),
            "tags": .strings(model.tags), "is_public": .bool(model.isPublic),
            "allow_anonymous": .bool(model.isAnonymous), "allowed_addresses": model.addresses.map { .strings($0.map(\.description)) } ?? .null,
            "history": history(model.history), "needs_approval": .bool(model.needsApproval),
            "version": .string(model.version.description),
            "status": .string(model.status.rawValue), "validation_status": .string(model.validationStatus.rawValue),
            "owner": .object(["id": .string(owner.id.rawValue), "username": .string(owner.username)]),
            "created_at": .string(model.createdAt.description), "updated_at": .string(model.updatedAt.description),
            "api_endpoint": .string("/api/v1/ml-models/\(model.id)/predict"),
        ]
    }

    static func history(_ policy: HistoryPolicy) -> JSONValue {
        .object([
            "keep": policy.rate >= 1 ? "all" : policy.rate > 0 ? "sampled" : "none", "sample_rate": .double(policy.rate), "retention_days": .int(policy.days),
        ])
    }

    static func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
}
