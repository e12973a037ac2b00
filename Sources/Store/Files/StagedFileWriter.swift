internal import Crypto
internal import Domain
package import NIOCore
internal import NIOPosix
internal import SystemPackage

/// Writes one uploaded file as it arrives, hashing it on the way, in constant memory.
///
/// Chunks are gathered to 1 MiB and written on a thread pool; no event loop waits for the disk.
package struct StagedFileWriter: Sendable {
    private static let blockSize = 1 << 20
    private let descriptor: SystemPackage.FileDescriptor
    private var hash = SHA256()
    private var pending = ByteBuffer()
    /// Bytes received so far.
    package private(set) var size: Int64 = 0

    /// - Throws: `storageFailure`.
    package init(path: String) async throws {
        descriptor = try await NIOThreadPool.singleton.runIfActive {
            try DurableFile.translated {
                try SystemPackage.FileDescriptor.open(
                    FilePath(path), .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec],
                    permissions: [.ownerReadWrite, .groupRead, .otherRead]
                )
            }
        }
        pending.reserveCapacity(Self.blockSize + (128 << 10))
    }

    package mutating func append(_ chunk: ByteBuffer) async throws {
        size += Int64(chunk.readableBytes)
        pending.writeImmutableBuffer(chunk)
        if pending.readableBytes >= Self.blockSize { try await flush() }
    }

    /// Writes the rest, syncs and closes.
    /// - Returns: SHA-256 of the content, hexadecimal.
    package mutating func finish() async throws -> String {
        try await flush()
        let descriptor = descriptor
        try await NIOThreadPool.singleton.runIfActive {
            try DurableFile.translated { try descriptor.closeAfter { try DurableFile.sync(descriptor) } }
        }
        return hash.finalize().hexadecimal
    }

    /// Closes without keeping anything; the folder is discarded by its owner.
    package func abandon() {
        try? descriptor.close()
    }

    private mutating func flush() async throws {
        guard pending.readableBytes > 0 else { return }
        let (descriptor, block, before) = (descriptor, pending, hash)
        hash = try await NIOThreadPool.singleton.runIfActive {
            var hash = before
            try DurableFile.translated {
                try unsafe block.withUnsafeReadableBytes { bytes in
                    _ = unsafe try descriptor.writeAll(bytes)
                    unsafe hash.update(bufferPointer: bytes)
                }
            }
            return hash
        }
        pending.clear()
    }
}
