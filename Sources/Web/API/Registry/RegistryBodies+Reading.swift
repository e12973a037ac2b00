internal import Domain
internal import Pipeline
internal import Wire

extension RegistryBodies.New {
    /// - Throws: `schemaViolation`.
    func registration() throws -> Registration {
        guard name.isLine(upTo: 255) else { throw PlatformError.field("/name", "expected 1 to 255 characters in one line") }
        if let description, description.count > 10_000 { throw PlatformError.field("/description", "expected at most 10000 characters") }
        if let framework, !framework.isLine(upTo: 50) { throw PlatformError.field("/framework", "expected 1 to 50 characters in one line") }
        if let tags, tags.count > 50 || tags.contains(where: { !$0.isLine(upTo: 50) }) {
            throw PlatformError.field("/tags", "expected at most 50 tags of 1 to 50 characters")
        }
        let number = try version.map { text in
            guard let number = SemanticVersion(short: text) else { throw PlatformError.field("/version", "expected a version such as 1.2.3 or v1.2") }
            return number
        }
        let type = try model_type.map { text in
            guard let type = ModelType(rawValue: text) else {
                throw PlatformError.field("/model_type", "expected one of \(ModelType.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            return type
        }
        let parent = try parent_model_id.map { text in
            guard let id = ModelID(text) else { throw PlatformError.field("/parent_model_id", "expected a model id (model_…)") }
            return id
        }
        return Registration(
            name: name, about: description ?? "", type: type ?? .custom, framework: framework, tags: tags ?? [], isPublic: is_public ?? false, version: number,
            description: try RegistryBodies.description(algorithm, hyperparameters, metrics, dataset_info, training_config), parent: parent)
    }
}

extension RegistryBodies.NewVersion {
    /// - Throws: `schemaViolation`.
    func announcement() throws -> Announcement {
        let number = try version.map { text in
            guard let number = SemanticVersion(short: text) else { throw PlatformError.field("/version", "expected a version such as 1.2.3 or v1.2") }
            return number
        }
        let parent = try parent_version_id.map { text in
            guard let id = VersionID(text) else { throw PlatformError.field("/parent_version_id", "expected a version id (version_…)") }
            return id
        }
        return Announcement(
            version: number, isBreaking: breaking_changes ?? false,
            description: try RegistryBodies.description(algorithm, hyperparameters, metrics, dataset_info, training_config), parentID: parent)
    }
}

extension RegistryBodies.Change {
    func description() throws -> VersionDescription {
        try RegistryBodies.description(algorithm, hyperparameters, metrics, dataset_info, training_config)
    }
}
