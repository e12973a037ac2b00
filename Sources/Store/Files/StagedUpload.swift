package import Domain
internal import Foundation

/// A folder that an upload is received into; it becomes the version's folder by one rename, or disappears.
package struct StagedUpload: Sendable {
    package let folder: String

    /// Makes a new folder under `uploads`.
    package init(in data: DataFolder, at now: Timestamp) throws {
        folder = "\(data.uploads)/\(Identifier<StagedUpload>(at: now))"
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw PlatformError(.storageFailure, "The upload could not be stored. hint: try again.", retryAfterSeconds: 5, cause: error)
        }
    }

    package func path(_ name: String) -> String { "\(folder)/\(name)" }

    /// Writes a small file; synced.
    package func write(_ text: String, to name: String) throws {
        try DurableFile.write(text.utf8, to: path(name))
    }

    /// Renames a file inside the folder.
    package func rename(_ source: String, to target: String) throws {
        try DurableFile.rename(path(source), to: path(target))
    }

    /// Removes everything received so far.
    package func discard() {
        try? FileManager.default.removeItem(atPath: folder)
    }
}

extension StagedUpload: Identified {
    package static let idPrefix = "upload_"
}
