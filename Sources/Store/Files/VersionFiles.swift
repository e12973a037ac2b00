package import Domain
package import Files
internal import Foundation
internal import Glibc

/// The stored files of versions: `models/{user}/{model}/v{n}/…`, the link `current`, and `model_info.json`.
///
/// Everything here blocks: call it on a thread pool.
package struct VersionFiles: Sendable {
    /// The names under which an uploaded configuration is kept.
    package static let configFiles = ["config_file.yaml", "config_file.yml", "config_file.json", "config_file.txt"]

    package let data: DataFolder
    let keys: FolderKeys

    /// - Parameter keys: nil: no file is sealed.
    package init(_ data: DataFolder, keys: FolderKeys? = nil) {
        self.data = data
        self.keys = keys ?? FolderKeys(root: data.root)
    }

    /// Whether new files are sealed.
    package var areSealed: Bool { keys.isOn }

    /// The uploaded model file.
    package func model(of version: ModelVersion) -> StoredFile { StoredFile(path: data.path(version.filePath), keys: keys) }

    /// A file beside the model file.
    package func file(_ name: String, of version: ModelVersion) -> StoredFile { StoredFile(path: path(name, of: version), keys: keys) }

    /// An optional file of a version; nil when it was not uploaded.
    package func existing(_ name: String, of version: ModelVersion) -> StoredFile? {
        unsafe access(path(name, of: version), R_OK) == 0 ? file(name, of: version) : nil
    }

    package func path(_ name: String, of version: ModelVersion) -> String { data.path("\(version.folder)/\(name)") }

    /// Moves a staged upload to its place. Runs inside the transaction that writes the rows.
    package func place(_ staged: StagedUpload, as version: ModelVersion) throws {
        let target = data.path(version.folder)
        let model = DurableFile.parent(of: target)
        do {
            try FileManager.default.createDirectory(atPath: model, withIntermediateDirectories: true)
        } catch {
            throw PlatformError(.storageFailure, "The upload could not be stored. hint: try again.", retryAfterSeconds: 5, cause: error)
        }
        try keys.bind(staged.folder, to: target)
        try DurableFile.syncFolder(staged.folder)
        // What stands there has no row: this transaction has just given the ordinal out.
        try? FileManager.default.removeItem(atPath: target)
        try DurableFile.rename(staged.folder, to: target)
        try DurableFile.syncFolder(DurableFile.parent(of: model))
    }

    /// Points `current` at a version, in one step.
    package func setCurrent(_ version: ModelVersion) throws {
        let model = DurableFile.parent(of: data.path(version.folder))
        let link = DurableFile.temporaryName(beside: "\(model)/.current")
        guard unsafe symlink("v\(version.ordinal)", link) == 0 else {
            throw PlatformError(.storageFailure, "The current version could not be linked.", retryAfterSeconds: 5)
        }
        try DurableFile.rename(link, to: "\(model)/current")
    }

    /// Writes a document beside a version's file, or beside all versions when `name` is `model_info.json`.
    package func write(_ json: some Encodable, to name: String, of version: ModelVersion) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        let json = try encoder.encode(json)
        guard name == "model_info.json" else { return try write(bytes: Array(json), to: name, of: version) }
        try DurableFile.write(json, to: "\(DurableFile.parent(of: data.path(version.folder)))/\(name)")
    }

    /// Writes bytes beside a version's file.
    package func write(bytes: [UInt8], to name: String, of version: ModelVersion) throws {
        let key = try keys.key(of: data.path(version.folder))
        try DurableFile.write(bytes, sealedBy: key.map { Sealer($0, role: StoredFile.role(of: name)) }, to: path(name, of: version))
    }

    /// Removes a file beside a version's file.
    package func remove(_ name: String, of version: ModelVersion) {
        _ = unsafe unlink(path(name, of: version))
    }

    /// Removes the files of one version.
    package func removeFolder(of version: ModelVersion) {
        try? FileManager.default.removeItem(atPath: data.path(version.folder))
    }

    /// Removes all files of a model: its folders, of which there are several when its owner changed.
    package func removeAll(_ versions: [ModelVersion]) {
        for folder in Set(versions.map { ($0.folder as NSString).deletingLastPathComponent }) {
            try? FileManager.default.removeItem(atPath: data.path(folder))
        }
    }

    /// The folders of all versions, and of all files that come in parts.
    package func folders() -> [String] {
        func list(_ path: String) -> [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).map { "\(path)/\($0)" } }
        return list(data.models).flatMap(list).flatMap(list).filter { ($0 as NSString).lastPathComponent.hasPrefix("v") } + list(data.resumable)
    }

    /// Removes uploads that a killed server did not end.
    /// - Returns: How many were removed.
    package func sweepUploads() -> Int {
        Self.list(data.uploads).count { Self.remove("\(data.uploads)/\($0)") }
    }

    /// The folders of models, relative to the data folder, by owner.
    package func modelFolders() -> [[String]] {
        Self.list(data.models).map { user in Self.list("\(data.models)/\(user)").map { "models/\(user)/\($0)" } }
    }

    /// Removes those folders of versions, in folders of models, that no row knows.
    /// - Parameter known: Relative to the data folder.
    /// - Returns: How many were removed.
    package func sweep(_ folders: some Sequence<String>, known: Set<String>) -> Int {
        var removed = 0
        for folder in folders {
            let versions = Self.list(data.path(folder)).filter { $0.hasPrefix("v") }
            let orphans = versions.filter { !known.contains("\(folder)/\($0)") }
            removed += orphans.count { Self.remove(data.path("\(folder)/\($0)")) }
            if orphans.count == versions.count, Self.remove(data.path(folder)) { removed += 1 }
        }
        return removed
    }

    private static func list(_ path: String) -> [String] { (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] }

    private static func remove(_ path: String) -> Bool { (try? FileManager.default.removeItem(atPath: path)) != nil }
}
