package import Domain
package import Files
internal import Foundation

/// A folder that an upload is received into; it becomes the version's folder by one rename, or disappears.
package struct StagedUpload: Sendable {
    package let folder: String
    private let keys: FolderKeys
    private let key: FileKey?

    /// Makes a new folder under `uploads`. Blocks.
    package init(in files: VersionFiles, at now: Timestamp) throws {
        folder = "\(files.data.uploads)/\(Identifier<StagedUpload>(at: now))"
        keys = files.keys
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw PlatformError(.storageFailure, "The upload could not be stored. hint: try again.", retryAfterSeconds: 5, cause: error)
        }
        key = try keys.make(in: folder)
    }

    /// The file received under `name`.
    package func file(_ name: String) -> StoredFile { StoredFile(path: path(name), keys: keys) }

    /// Begins to receive a file.
    package func writer(for name: String) async throws -> StagedFileWriter {
        try await StagedFileWriter(path: path(name), sealer: sealer(name))
    }

    /// Writes a small file; synced.
    package func write(_ text: String, to name: String) throws {
        try DurableFile.write(Array(text.utf8), sealedBy: sealer(name), to: path(name))
    }

    /// Renames a file inside the folder.
    package func rename(_ source: String, to target: String) throws {
        try DurableFile.rename(path(source), to: path(target))
    }

    package func remove(_ name: String) {
        try? FileManager.default.removeItem(atPath: path(name))
    }

    /// Removes everything received so far.
    package func discard() {
        try? FileManager.default.removeItem(atPath: folder)
    }

    private func path(_ name: String) -> String { "\(folder)/\(name)" }

    private func sealer(_ name: String) -> Sealer? {
        key.map { Sealer($0, role: StoredFile.role(of: name)) }
    }
}

extension StagedUpload: Identified {
    package static let idPrefix = "upload_"
}
