package import Domain
package import Serving

/// Versions that are called by a name instead of the one that serves: looked up in memory, and loaded at the first call.
package struct PinnedVersions: Sendable {
    private let models: any ModelRepository
    private let promotions: any PromotionRepository
    private let activation: ActivationService
    private let deployments: DeploymentDirectory

    package init(
        models: any ModelRepository, promotions: any PromotionRepository, activation: ActivationService, deployments: DeploymentDirectory
    ) {
        self.models = models
        self.promotions = promotions
        self.activation = activation
        self.deployments = deployments
    }

    /// The version by its id, its number or a name; `latest` is the newest that may serve. The caller must have been let in to the model.
    /// - Returns: nil when nothing serves the model.
    /// - Throws: `notFound`; `conflict` for a version that did not pass its validation.
    package func entry(_ reference: String, of id: ModelID) async throws -> DeploymentDirectory.Entry? {
        // What changes while it is read is read again.
        for _ in 0..<3 {
            switch deployments.find(reference, of: id) {
            case .notServed: return nil
            case .found(let entry): return entry
            case .unknown(let generation):
                if let entry = try await load(reference, of: id, generation) { return entry }
            }
        }
        throw PlatformError(.unavailable, "The versions of the model are being changed. hint: try again.", retryAfterSeconds: 1)
    }

    /// - Returns: nil when the version was changed meanwhile.
    private func load(_ reference: String, of id: ModelID, _ generation: DeploymentDirectory.Generation) async throws -> DeploymentDirectory.Entry? {
        let versions = try await models.versions(of: id)
        let aliases = try await promotions.aliases(of: id)
        let names = VersionNames(versions.filter(\.validationStatus.mayServe).map { ($0.id, $0.version) }, aliases: aliases)
        guard let named = names.version(reference), let version = versions.first(where: { $0.id == named }) else {
            guard VersionNames(versions.map { ($0.id, $0.version) }, aliases: aliases).version(reference) == nil else {
                throw PlatformError(.conflict, "The version '\(reference.prefix(64))' cannot be called: it did not pass its validation.")
            }
            throw PlatformError.notFound("version", String(reference.prefix(64)))
        }
        deployments.keep(names, of: id, generation: generation)
        if case .found(let entry) = deployments.find(reference, of: id) { return entry }
        guard let model = try await models.model(id)?.model else { return nil }
        return deployments.pin(try activation.deployment(model, version), aliases: names.aliases(of: named), generation: generation)
    }
}
