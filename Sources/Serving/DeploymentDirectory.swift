package import Domain
internal import Synchronization
package import Wire

/// The versions that serve, by model: a snapshot in memory that predictions read without waiting for anybody.
package final class DeploymentDirectory: Sendable {
    /// A deployment and its columns, prepared once. Who holds an entry may use its runner: a version that was replaced is retired when
    /// the last request that began with it has its answer.
    package struct Entry: Sendable {
        package let deployment: Deployment
        package let table: FeatureTable?
        fileprivate let hold: RunnerHold

        /// Keeps the runner in service until `body` has ended.
        func holding<Result>(_ body: () throws -> Result) rethrows -> Result {
            defer { withExtendedLifetime(hold) {} }
            return try body()
        }

        /// Keeps the runner in service until `body` has ended.
        func holding<Result>(_ body: () async throws -> Result) async rethrows -> Result {
            defer { withExtendedLifetime(hold) {} }
            return try await body()
        }
    }

    /// Retires a runner when nobody holds it any more.
    fileprivate final class RunnerHold: Sendable {
        private let runner: any ModelRunner

        init(_ runner: any ModelRunner) {
            self.runner = runner
        }

        deinit {
            runner.retire()
        }
    }

    private let entries = Mutex<[ModelID: Entry]>([:])

    package init() {}

    package func current(of model: ModelID) -> Entry? {
        entries.withLock { $0[model] }
    }

    /// Lets a version serve from now on; the one before it ends with its last request.
    package func deploy(_ deployment: Deployment) {
        let entry = Entry(
            deployment: deployment, table: deployment.signature.features.map(FeatureTable.init), hold: RunnerHold(deployment.runner))
        let previous = entries.withLock { $0.updateValue(entry, forKey: deployment.modelID) }
        withExtendedLifetime(previous) {}  // retired outside the lock
    }

    /// Replaces what is known about a deployment and keeps its runner.
    package func update(_ model: ModelID, _ change: (Deployment) -> Deployment) {
        entries.withLock { entries in
            guard let entry = entries[model] else { return }
            entries[model] = Entry(deployment: change(entry.deployment), table: entry.table, hold: entry.hold)
        }
    }

    /// Takes a model out of service.
    package func remove(_ model: ModelID) {
        let previous = entries.withLock { $0.removeValue(forKey: model) }
        withExtendedLifetime(previous) {}
    }

    package var models: [ModelID] { entries.withLock { Array($0.keys) } }

    package var count: Int { entries.withLock { $0.count } }
}
