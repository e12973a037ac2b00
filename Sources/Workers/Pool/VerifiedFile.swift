internal import CSandbox
internal import Crypto
internal import Domain
package import Files
internal import Glibc
package import SystemPackage

/// A stored file that is opened only when its content is still what was validated.
///
/// What was hashed is what is handed out: nobody can change the file's name in between.
package struct VerifiedFile: Sendable {
    private let file: StoredFile
    /// SHA-256, 64 hexadecimal characters.
    private let sha256: String

    package init(_ file: StoredFile, sha256: String) {
        self.file = file
        self.sha256 = sha256
    }

    /// Opens and hashes the file. Blocks.
    /// - Throws: `storageFailure` when the file is gone or its content another.
    package func read() throws -> any RandomAccess {
        let bytes = try file.open()
        var hash = SHA256()
        try unsafe bytes.forEachPiece { unsafe hash.update(bufferPointer: $0) }
        guard hash.finalize().hexadecimal == sha256 else { throw Self.changed }
        return bytes
    }

    /// A descriptor for a worker, standing at the beginning of the clear bytes: of the file, or of memory that nobody can change any more
    /// (memfd_create(2), F_ADD_SEALS in fcntl(2)) where the file is sealed.
    /// - Throws: as ``read()``.
    package func descriptor() throws -> FileDescriptor {
        let bytes = try read()
        if let file = bytes as? FileBytes { return try file.duplicate() }
        let memory = csandbox_memory_file()
        guard memory >= 0 else { throw PlatformError(.unavailable, "There is no memory for the model.", retryAfterSeconds: 30, cause: Errno(rawValue: errno)) }
        let descriptor = FileDescriptor(rawValue: memory)
        do {
            try unsafe bytes.forEachPiece { _ = unsafe try descriptor.writeAll($0) }
            _ = try descriptor.seek(offset: 0, from: .start)
            guard csandbox_seal(memory) == 0 else { throw Errno(rawValue: errno) }
            return descriptor
        } catch {
            try? descriptor.close()
            throw error
        }
    }

    private static var changed: PlatformError {
        PlatformError(.storageFailure, "The stored file is not the one that was uploaded: its SHA-256 differs.")
    }
}
