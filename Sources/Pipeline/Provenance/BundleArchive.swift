package import Domain
internal import Files
package import NIOCore
internal import NIOPosix
internal import Provenance

/// A version as a tar archive that is written while it is read: the manifest first, the same bytes each time.
package struct BundleArchive: Sendable {
    private static let piece = 512 << 10
    package let version: ModelVersion
    /// Bytes of the whole archive.
    package let size: Int
    private let parts: [(header: [UInt8], content: any RandomAccess)]

    init(_ parts: [(name: String, content: any RandomAccess)], signedAt: Timestamp, version: ModelVersion) throws {
        self.version = version
        self.parts = try parts.map { part in
            guard let header = TarHeader.bytes(name: part.name, size: part.content.count, seconds: signedAt.milliseconds / 1000) else {
                throw PlatformError(.unprocessable, "The version's files are too large for a bundle.")
            }
            return (header, part.content)
        }
        size = self.parts.reduce(TarHeader.end.count) { $0 + TarHeader.block + Int($1.content.count) + TarHeader.padding($1.content.count) }
    }

    /// The archive piece by piece, in constant memory.
    package struct Pieces: Sendable {
        private let parts: [(header: [UInt8], content: any RandomAccess)]
        private var part = 0
        /// Bytes of the present part's content that were given; nil before its header.
        private var given: Int64?

        fileprivate init(_ parts: [(header: [UInt8], content: any RandomAccess)]) {
            self.parts = parts
        }

        /// - Returns: nil behind the last one.
        package mutating func next() async throws -> ByteBuffer? {
            guard part <= parts.count else { return nil }
            guard part < parts.count else {
                part += 1
                return ByteBuffer(bytes: TarHeader.end)
            }
            let (header, content) = parts[part]
            guard let start = given else {
                given = 0
                return ByteBuffer(bytes: header)
            }
            guard start < content.count else {
                part += 1
                given = nil
                return ByteBuffer(repeating: 0, count: TarHeader.padding(content.count))
            }
            let piece = try await NIOThreadPool.singleton.runIfActive { ByteBuffer(bytes: try content.bytes(at: start, count: BundleArchive.piece)) }
            guard piece.readableBytes > 0 else { throw PlatformError(.storageFailure, "A stored file cannot be read to its end.") }
            given = start + Int64(piece.readableBytes)
            return piece
        }
    }

    package var pieces: Pieces { Pieces(parts) }
}
