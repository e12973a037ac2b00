internal import Access
package import Domain
internal import Files
internal import Foundation
internal import NIOPosix
package import Store
package import Serving
internal import Wire
package import Workers

/// What is different between two versions of a model: what is said of them, what they take and give, what they run in, what they answer.
package struct ComparisonService: Sendable {
    /// Rows whose answers are shown; all sample rows are counted.
    private static let shownRows = 20
    private let registry: RegistryService
    private let models: ModelService
    private let pinned: PinnedVersions
    private let calls: PredictionService
    private let files: VersionFiles
    private let environments: EnvironmentStore

    package init(registry: RegistryService, models: ModelService, pinned: PinnedVersions, calls: PredictionService, files: VersionFiles, environments: EnvironmentStore) {
        self.registry = registry
        self.models = models
        self.pinned = pinned
        self.calls = calls
        self.files = files
        self.environments = environments
    }

    /// - Parameters:
    ///   - from: nil: the version that serves, else the newest.
    ///   - to: nil: the newest.
    ///   - address: Where the caller is; answers are made as by any prediction of theirs, and counted so.
    /// - Throws: `notFound` for a version that is not there.
    package func compare(_ from: String?, _ to: String?, of id: ModelID, for principal: Principal, from address: String?) async throws -> JSONValue {
        let shown = try await registry.shown(try await models.model(id, for: principal).model).id.rawValue
        let (left, right) = (try await side(from ?? shown, id, principal), try await side(to ?? ModelAlias.latest, id, principal))
        return .object([
            "from": left.name, "to": right.name,
            "metrics": Self.numbers(left.record.description.metrics, right.record.description.metrics),
            "hyperparameters": Self.members(left.record.description.hyperparameters, right.record.description.hyperparameters),
            "dataset": Self.members(left.record.description.dataset, right.record.description.dataset), "file": Self.members(left.file, right.file),
            "schema": Self.members(left.schema, right.schema), "environment": Self.members(left.packages, right.packages),
            "predictions": try await predictions(left, right, id, principal, address),
        ])
    }

    /// One version and what is compared of it, by name.
    private struct Side {
        let record: VersionRecord
        let version: ModelVersion?
        let packages: [String: JSONValue]

        var name: JSONValue {
            .object([
                "id": .string(record.id.rawValue), "version": .string(record.version.short), "stage": .string(record.stage.rawValue),
                "algorithm": record.description.algorithm.map { .string($0) } ?? .null, "runtime": version?.runtime.map { .string($0.rawValue) } ?? .null,
            ])
        }

        var file: [String: JSONValue] {
            guard let version else { return [:] }
            return ["format": .string(version.format.rawValue), "size_bytes": .int(version.fileSize), "sha256": .string(version.fileHash)]
        }

        /// Features by name, and what is answered.
        var schema: [String: JSONValue] {
            guard let signature = version?.signature else { return [:] }
            var members: [String: JSONValue] = ["task": .string(signature.task.rawValue), "classes": .array(signature.classes)]
            for (place, feature) in (signature.features ?? []).enumerated() {
                members["feature \(feature.name)"] = .object([
                    "position": .int(place), "type": .string(feature.kind.rawValue), "nullable": .bool(feature.nullable),
                ])
            }
            return members
        }
    }

    private func side(_ reference: String, _ id: ModelID, _ principal: Principal) async throws -> Side {
        let record = try await registry.record(reference, of: id, for: principal)
        let version = try await registry.file(of: record)
        let environment = try await NIOThreadPool.singleton.runIfActive { [environments] in
            version?.environmentKey.flatMap { try? environments.environment(key: $0) }
        }
        var packages = environment?.packages.mapValues { JSONValue.string($0) } ?? [:]
        if let environment { packages["python"] = .string(environment.pythonVersion) }
        return Side(record: record, version: version, packages: packages)
    }

    // MARK: - Differences

    private static func members(_ left: [String: JSONValue], _ right: [String: JSONValue]) -> JSONValue {
        let changed = left.keys.filter { right[$0] != nil && right[$0] != left[$0] }
        return .object([
            "added": .object(right.filter { left[$0.key] == nil }), "removed": .object(left.filter { right[$0.key] == nil }),
            "changed": .object(
                Dictionary(uniqueKeysWithValues: changed.map { ($0, JSONValue.object(["from": left[$0] ?? .null, "to": right[$0] ?? .null])) })),
        ])
    }

    /// All metrics of either, with how much they differ.
    private static func numbers(_ left: [String: JSONValue], _ right: [String: JSONValue]) -> JSONValue {
        let names = Set(left.keys).union(right.keys)
        return .object(
            Dictionary(
                uniqueKeysWithValues: names.map { name in
                    var entry: [String: JSONValue] = ["from": left[name] ?? .null, "to": right[name] ?? .null]
                    if let before = left[name]?.doubleValue, let after = right[name]?.doubleValue { entry["difference"] = .double(after - before) }
                    return (name, .object(entry))
                }))
    }

    // MARK: - Answers

    /// Both versions' answers to the sample rows of the first; or why there are none.
    private func predictions(_ left: Side, _ right: Side, _ id: ModelID, _ principal: Principal, _ address: String?) async throws -> JSONValue {
        func none(_ why: String) -> JSONValue { .object(["compared": false, "reason": .string(why)]) }
        guard let version = left.version, let signature = version.signature, right.version?.signature != nil else { return none("A version was not validated.") }
        let sample = try await NIOThreadPool.singleton.runIfActive { [files] in try files.existing("sample_input.json", of: version)?.contents() }
        let rows = try SampleRows(sample: sample.map { Data($0) }, signature: signature)
        do {
            let before = try await answers(left.record, rows, id, principal, address)
            let after = try await answers(right.record, rows, id, principal, address)
            guard let before, let after else { return none("Nothing serves the model.") }
            // What its uploader tried the model with is theirs.
            let isOwn = (try? await models.model(id, for: principal, to: .update)) != nil
            let isShown = isOwn || !rows.isGiven
            return Self.difference(before, after, rows, isShown: isShown)
        } catch let failure as PlatformError {
            return none(failure.message)
        }
    }

    /// One answer a row, as a client would get it: a number, a label, or a list of numbers.
    private func answers(_ record: VersionRecord, _ rows: SampleRows, _ id: ModelID, _ principal: Principal, _ address: String?) async throws -> [JSONValue]? {
        let version = { try await pinned.entry(record.id.rawValue, of: id) }
        guard let (entry, _) = try await calls.admit(principal, to: id, from: address, version: version) else { return nil }
        let call = PredictionCall(caller: principal, endpoint: "/compare", address: address) { _ in 500 }
        let body = Array("{\"data\":[\(rows.rows.joined(separator: ","))]}".utf8)
        let answer = try await calls.predict(body, .batch, with: entry, call: call)
        return try JSONDecoder().decode(JSONValue.self, from: Data(answer.json))["predictions"]?.arrayValue
    }

    /// - Parameter isShown: Whether the caller may see the rows themselves.
    private static func difference(_ before: [JSONValue], _ after: [JSONValue], _ rows: SampleRows, isShown: Bool) -> JSONValue {
        let pairs = zip(before, after)
        let distances = pairs.map { distance($0, $1) }
        let shown = zip(rows.rows, pairs).prefix(shownRows).map { row, pair -> JSONValue in
            let input = !isShown ? .null : (try? JSONDecoder().decode(JSONValue.self, from: Data(row.utf8))) ?? .null
            return .object(["input": input, "from": pair.0, "to": pair.1])
        }
        return .object([
            "compared": true, "rows": .int(before.count), "sample_is_given": .bool(rows.isGiven), "equal_rows": .int(pairs.count { $0 == $1 }),
            "largest_difference": distances.contains(nil) ? .null : .double(distances.compactMap(\.self).max() ?? 0), "examples": .array(shown),
        ])
    }

    /// The largest difference of numbers; nil where the answers are no numbers of the same shape.
    private static func distance(_ left: JSONValue, _ right: JSONValue) -> Double? {
        if let left = left.doubleValue, let right = right.doubleValue { return abs(left - right) }
        guard let left = left.arrayValue, let right = right.arrayValue, left.count == right.count else { return left == right ? 0 : nil }
        let distances = zip(left, right).map { distance($0, $1) }
        return distances.contains(nil) ? nil : distances.compactMap(\.self).max() ?? 0
    }
}
