package import Domain
internal import Synchronization
package import Wire

/// The versions that serve, by model: a snapshot in memory that predictions read without waiting for anybody.
package final class DeploymentDirectory: Sendable {
    /// A deployment and its columns, prepared once.
    package struct Entry: Sendable {
        package let deployment: Deployment
        package let table: FeatureTable?
    }

    private let entries = Mutex<[ModelID: Entry]>([:])

    package init() {}

    package func current(of model: ModelID) -> Entry? {
        entries.withLock { $0[model] }
    }

    /// Lets a version serve from now on; the one before it is retired.
    package func deploy(_ deployment: Deployment) {
        let entry = Entry(deployment: deployment, table: deployment.signature.features.map(FeatureTable.init))
        let previous = entries.withLock { entries in
            defer { entries[deployment.modelID] = entry }
            return entries[deployment.modelID]
        }
        previous?.deployment.runner.retire()
    }

    /// Replaces what is known about a deployment and keeps its runner.
    package func update(_ model: ModelID, _ change: (Deployment) -> Deployment) {
        entries.withLock { entries in
            guard let entry = entries[model] else { return }
            entries[model] = Entry(deployment: change(entry.deployment), table: entry.table)
        }
    }

    /// Takes a model out of service.
    package func remove(_ model: ModelID) {
        let previous = entries.withLock { $0.removeValue(forKey: model) }
        previous?.deployment.runner.retire()
    }

    package var count: Int { entries.withLock { $0.count } }
}
