internal import Domain
internal import Files
internal import NIOPosix
package import Store

/// A form that was received in full: its fields, and its files in a staging folder.
package struct ReceivedUpload: Sendable {
    package struct File: Sendable {
        /// Name inside the staging folder.
        package let stagedName: String
        /// The client's own name.
        package let originalName: String
        /// Bytes.
        package let size: Int64
        /// SHA-256, hexadecimal.
        package let sha256: String
    }

    /// Beginning with what it will be called, which a sealed file is bound to.
    static func stagedName(of part: String) -> String { part == "file" ? "model.part" : "\(part).part" }

    package let staged: StagedUpload
    package var fields: [String: String] = [:]
    package var files: [String: File] = [:]

    /// An upload without anything yet, for files that are here already.
    static func begin(in files: VersionFiles, at now: Timestamp) async throws -> ReceivedUpload {
        ReceivedUpload(staged: try await NIOThreadPool.singleton.runIfActive { try StagedUpload(in: files, at: now) })
    }

    /// Takes a copy of bytes as a part of the form.
    /// - Throws: `payloadTooLarge` for another part than the model that is larger than a form's could be.
    mutating func receive(_ bytes: any RandomAccess, as part: String, originalName: String) async throws {
        guard part == "file" || bytes.count <= UploadReceiver.Limits.maximumFile else { throw tooLarge(part, UploadReceiver.Limits.maximumFile) }
        let name = Self.stagedName(of: part)
        var writer = try await staged.writer(for: name)
        do {
            try await writer.append(contentsOf: bytes)
        } catch {
            writer.abandon()
            throw error
        }
        let size = writer.size
        files[part] = File(stagedName: name, originalName: originalName, size: size, sha256: try await writer.finish())
    }
}
