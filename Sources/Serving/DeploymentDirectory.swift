package import Domain
internal import Synchronization
package import Wire

/// The versions that serve, by model: a snapshot in memory that predictions read without waiting for anybody.
package final class DeploymentDirectory: Sendable {
    /// A deployment and its columns, prepared once. Who holds an entry may use its runner: a version that was replaced is retired when
    /// the last request that began with it has its answer.
    package final class Entry: Sendable {
        package let deployment: Deployment
        package let table: FeatureTable?
        let answer: AnswerParts
        private let hold: RunnerHold

        fileprivate init(_ deployment: Deployment) {
            self.deployment = deployment
            table = deployment.signature.features.map(FeatureTable.init)
            answer = AnswerParts(deployment)
            hold = RunnerHold(deployment.runner)
        }

        /// The same runner under another description.
        fileprivate init(_ deployment: Deployment, of other: Entry) {
            self.deployment = deployment
            table = other.table
            answer = AnswerParts(deployment)
            hold = other.hold
        }

        fileprivate func with(_ deployment: Deployment) -> Entry { Entry(deployment, of: self) }

        /// Keeps the runner in service until `body` has ended.
        func holding<Result>(_ body: () throws -> Result) rethrows -> Result {
            defer { withExtendedLifetime(hold) {} }
            return try body()
        }

        /// Keeps the runner in service until `body` has ended.
        package func holding<Result>(_ body: () async throws -> Result) async rethrows -> Result {
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

    /// What is in memory of one model.
    private struct Served {
        var current: Entry
        /// Other versions that were asked for by their names.
        var pinned: [VersionID: Entry] = [:]
        /// nil: to be read again.
        var names: VersionNames?
        var generation = Generation()

        mutating func forgetNames() {
            names = nil
            generation.names += 1
        }
    }

    /// Counts what may have changed since something was read.
    package struct Generation: Sendable {
        /// What versions are called.
        fileprivate var names = 0
        /// The versions themselves: validated anew, or deleted.
        fileprivate var versions = 0
    }

    /// What is known of a version that was asked for by a name.
    package enum Lookup: Sendable {
        /// Nothing serves the model.
        case notServed
        case found(Entry)
        /// The names were not read, or do not have this one, or it is not in memory; `generation` goes to ``keep(_:of:generation:)``.
        case unknown(Generation)
    }

    private let served = Mutex<[ModelID: Served]>([:])

    package init() {}

    package func current(of model: ModelID) -> Entry? {
        served.withLock { $0[model]?.current }
    }

    /// The entry of the version that is called `reference`.
    package func find(_ reference: String, of model: ModelID) -> Lookup {
        served.withLock { served in
            guard let model = served[model] else { return .notServed }
            guard let version = model.names?.version(reference) else { return .unknown(model.generation) }
            let entry = version == model.current.deployment.versionID ? model.current : model.pinned[version]
            return entry.map(Lookup.found) ?? .unknown(model.generation)
        }
    }

    /// Lets a version serve from now on; the one before it ends with its last request.
    package func deploy(_ deployment: Deployment) {
        let entry = Entry(deployment)
        let previous = served.withLock { served in
            let before = (served[deployment.modelID]?.current, served[deployment.modelID]?.pinned.removeValue(forKey: deployment.versionID))
            served[deployment.modelID, default: Served(current: entry)].current = entry
            served[deployment.modelID]?.forgetNames()
            return before
        }
        withExtendedLifetime(previous) {}  // retired outside the lock
    }

    /// Keeps what the versions are called, unless that changed since it was read.
    package func keep(_ names: VersionNames, of model: ModelID, generation: Generation) {
        served.withLock { served in
            guard var entries = served[model], entries.generation.names == generation.names else { return }
            entries.names = names
            entries.pinned = entries.pinned.mapValues { $0.with($0.deployment.with(aliases: names.aliases(of: $0.deployment.versionID))) }
            served[model] = entries
        }
    }

    /// Holds a version in memory beside the one that serves, by the same rules; what is there already stays.
    /// - Parameter generation: When the version was read.
    /// - Returns: nil when it may be another by now, or nothing serves the model any more.
    package func pin(_ deployment: Deployment, aliases: Set<String>, generation: Generation) -> Entry? {
        served.withLock { served in
            guard let model = served[deployment.modelID], model.generation.versions == generation.versions else { return nil }
            let current = model.current.deployment
            if current.versionID == deployment.versionID { return model.current }
            if let entry = model.pinned[deployment.versionID] { return entry }
            var pinned = deployment.with(rules: current.rules).with(history: current.history).with(aliases: aliases)
            if let api = current.api { pinned = pinned.with(api: api) }
            let entry = Entry(pinned)
            served[deployment.modelID]?.pinned[deployment.versionID] = entry
            return entry
        }
    }

    /// Lets go of a version that was asked for by a name: it was deleted, or validated anew.
    package func unpin(_ version: VersionID, of model: ModelID) {
        let previous = served.withLock { served in
            served[model]?.forgetNames()
            served[model]?.generation.versions += 1
            return served[model]?.pinned.removeValue(forKey: version)
        }
        withExtendedLifetime(previous) {}
    }

    /// Replaces what is known about a model's deployments and keeps their runners.
    package func update(_ model: ModelID, _ change: (Deployment) -> Deployment) {
        served.withLock { served in
            guard var entries = served[model] else { return }
            entries.current = entries.current.with(change(entries.current.deployment))
            entries.pinned = entries.pinned.mapValues { $0.with(change($0.deployment).with(aliases: $0.deployment.rules.aliases)) }
            entries.forgetNames()
            served[model] = entries
        }
    }

    /// Takes a model out of service.
    package func remove(_ model: ModelID) {
        let previous = served.withLock { $0.removeValue(forKey: model) }
        withExtendedLifetime(previous) {}
    }

    package var models: [ModelID] { served.withLock { Array($0.keys) } }

    package var count: Int { served.withLock { $0.count } }
}
