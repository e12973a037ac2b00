package import Domain
package import Files
internal import Foundation

/// The parts of a file that comes in pieces: a part is there once it has its name.
///
/// Everything here but ``writer(for:)`` blocks: call it on a thread pool.
package struct PartFiles: Sendable {
    private let folder: String
    private let keys: FolderKeys

    package init(_ id: UploadID, in files: VersionFiles) {
        folder = "\(files.data.resumable)/\(id)"
        keys = files.keys
    }

    /// Makes the folder.
    package func make() throws {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw PlatformError(.storageFailure, "The upload could not be begun. hint: try again.", retryAfterSeconds: 5, cause: error)
        }
        _ = try keys.make(in: folder)
        try DurableFile.syncFolder(folder)
    }

    /// Begins to receive a part, beside another try at it.
    /// - Returns: The writer, and the name that ``keep(_:as:)`` is given.
    package func writer(for part: Int, at now: Timestamp) async throws -> (writer: StagedFileWriter, name: String) {
        let name = "\(Self.name(part)).\(Identifier<PartTry>(at: now)).tmp"
        let sealer = try keys.key(of: folder).map { Sealer($0, role: StoredFile.role(of: name)) }
        return (try await StagedFileWriter(path: "\(folder)/\(name)", sealer: sealer), name)
    }

    /// Gives a part that is whole its name.
    package func keep(_ name: String, as part: Int) throws {
        try DurableFile.rename("\(folder)/\(name)", to: "\(folder)/\(Self.name(part))")
    }

    package func drop(_ name: String) {
        try? FileManager.default.removeItem(atPath: "\(folder)/\(name)")
    }

    /// The parts that are there.
    package func received() -> Set<Int> {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return Set(names.compactMap { $0.hasPrefix("part-") ? Int($0.dropFirst(5)) : nil })
    }

    package func file(of part: Int) -> StoredFile { StoredFile(path: "\(folder)/\(Self.name(part))", keys: keys) }

    package func discard() {
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Removes the folders that no upload knows.
    package static func sweep(_ files: VersionFiles, known: Set<UploadID>) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: files.data.resumable)) ?? []
        for name in names where !known.contains(UploadID(stored: name)) {
            try? FileManager.default.removeItem(atPath: "\(files.data.resumable)/\(name)")
        }
    }

    private static func name(_ part: Int) -> String { "part-\(part)" }

    private enum PartTry: Identified {
        static let idPrefix = "try_"
    }
}
