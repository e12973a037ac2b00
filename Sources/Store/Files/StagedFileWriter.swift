internal import Crypto
internal import Domain
package import Files
package import NIOCore
internal import NIOPosix
internal import SystemPackage

/// Writes one uploaded file as it arrives, hashing it on the way and sealing it where it is to be, in constant memory.
///
/// Chunks are gathered to 1 MiB and written on a thread pool; no event loop waits for the disk.
package struct StagedFileWriter: Sendable {
    private static let blockSize = 1 << 20
    private let descriptor: SystemPackage.FileDescriptor
    private var hash = SHA256()
    private var sealer: Sealer?
    private var pending = ByteBuffer()
    /// Bytes received so far.
    package private(set) var size: Int64 = 0

    /// - Throws: `storageFailure`.
    init(path: String, sealer: Sealer?) async throws {
        self.sealer = sealer
        descriptor = try await NIOThreadPool.singleton.runIfActive {
            try DurableFile.translated {
                let descriptor = try SystemPackage.FileDescriptor.open(
                    FilePath(path), .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec],
                    permissions: [.ownerReadWrite, .groupRead, .otherRead]
                )
                do {
                    if let sealer { try descriptor.writeAll(sealer.header) }
                    return descriptor
                } catch {
                    try? descriptor.close()
                    throw error
                }
            }
        }
        pending.reserveCapacity(Self.blockSize + (128 << 10))
    }

    package mutating func append(_ chunk: ByteBuffer) async throws {
        size += Int64(chunk.readableBytes)
        pending.writeImmutableBuffer(chunk)
        if pending.readableBytes >= Self.blockSize { try await flush() }
    }

    /// Copies stored bytes, piece by piece.
    package mutating func append(contentsOf bytes: any RandomAccess) async throws {
        var offset: Int64 = 0
        while offset < bytes.count {
            let start = offset
            let piece = try await NIOThreadPool.singleton.runIfActive { ByteBuffer(bytes: try bytes.bytes(at: start, count: Self.blockSize)) }
            guard piece.readableBytes > 0 else { throw PlatformError(.storageFailure, "A stored file cannot be read to its end.") }
            offset += Int64(piece.readableBytes)
            try await append(piece)
        }
    }

    /// Writes the rest, syncs and closes, also when that fails.
    /// - Returns: SHA-256 of the content, hexadecimal.
    package mutating func finish() async throws -> String {
        do {
            try await flush()
        } catch {
            abandon()
            throw error
        }
        let (descriptor, sealer) = (descriptor, sealer)
        try await NIOThreadPool.singleton.runIfActive {
            try DurableFile.translated {
                try descriptor.closeAfter {
                    if var sealer { try descriptor.writeAll(try sealer.finish()) }
                    try DurableFile.sync(descriptor)
                }
            }
        }
        return hash.finalize().hexadecimal
    }

    /// Closes without keeping anything; the folder is discarded by its owner.
    package func abandon() {
        try? descriptor.close()
    }

    private mutating func flush() async throws {
        guard pending.readableBytes > 0 else { return }
        let (descriptor, block, before, sealerBefore) = (descriptor, pending, hash, sealer)
        (hash, sealer) = try await NIOThreadPool.singleton.runIfActive {
            var (hash, sealer) = (before, sealerBefore)
            try DurableFile.translated {
                try unsafe block.withUnsafeReadableBytes { bytes in
                    if let sealed = unsafe try sealer?.seal(bytes) {
                        try descriptor.writeAll(sealed)
                    } else {
                        _ = unsafe try descriptor.writeAll(bytes)
                    }
                    unsafe hash.update(bufferPointer: bytes)
                }
            }
            return (hash, sealer)
        }
        pending.clear()
    }
}
