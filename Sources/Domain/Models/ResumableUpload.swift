/// A file that comes in parts, in any order, over any time until it ends.
package struct ResumableUpload: Sendable, Identified {
    package static let idPrefix = "rup_"
    /// Bytes of a part when the client asks for nothing else.
    package static let standardPart: Int64 = 8 << 20
    package static let maximumParts = 10_000
    /// Seconds until an upload that was not completed is removed.
    package static let lifetimeSeconds: Int64 = 7 * 86_400
    /// Uploads of one account at the same time.
    package static let maximumOpen = 20

    package let id: UploadID
    package let userID: UserID
    package let fileName: String
    /// Bytes of the whole file.
    package let size: Int64
    /// SHA-256 of the whole file, when the client said it.
    package let sha256: String?
    /// Bytes of every part but the last.
    package let partSize: Int64
    /// What the version will be called: completing twice makes one version.
    package var versionID: VersionID
    package let createdAt: Timestamp

    package init(
        id: UploadID, userID: UserID, fileName: String, size: Int64, sha256: String?, partSize: Int64, versionID: VersionID, createdAt: Timestamp
    ) {
        self.id = id
        self.userID = userID
        self.fileName = fileName
        self.size = size
        self.sha256 = sha256
        self.partSize = partSize
        self.versionID = versionID
        self.createdAt = createdAt
    }

    package var parts: Int { Int((size + partSize - 1) / partSize) }
    package var expiresAt: Timestamp { createdAt.adding(seconds: Self.lifetimeSeconds) }

    /// Bytes of part `number`, counted from 1.
    package func size(ofPart number: Int) -> Int64 { number == parts ? size - Int64(parts - 1) * partSize : partSize }
}
