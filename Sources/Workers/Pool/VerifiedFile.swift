internal import Crypto
internal import Domain
package import SystemPackage

/// A stored file that is opened only when its content is still what was validated.
///
/// The descriptor that was hashed is the one that is handed out: nobody can change the file's name in between.
package struct VerifiedFile: Sendable {
    package let path: String
    /// SHA-256, 64 hexadecimal characters.
    package let sha256: String

    package init(path: String, sha256: String) {
        self.path = path
        self.sha256 = sha256
    }

    /// Opens and hashes the file; the descriptor stands at its beginning. Blocks.
    /// - Throws: `storageFailure` when the file is gone or its content another.
    package func open() throws -> FileDescriptor {
        let descriptor: FileDescriptor
        do {
            descriptor = try FileDescriptor.open(FilePath(path), .readOnly, options: [.closeOnExec, .noFollow])
        } catch {
            throw PlatformError(.storageFailure, "A stored file of the version cannot be opened.", cause: error)
        }
        do {
            guard try Self.hash(descriptor) == sha256 else {
                throw PlatformError(.storageFailure, "The stored file is not the one that was uploaded: its SHA-256 differs.")
            }
            return descriptor
        } catch {
            try? descriptor.close()
            throw error
        }
    }

    /// Hashes the file and lets it go. Blocks.
    /// - Throws: as ``open()``.
    package func verify() throws {
        let descriptor = try open()
        try? descriptor.close()
    }

    /// Reads by position, so that the descriptor's own place stays at the beginning.
    private static func hash(_ descriptor: FileDescriptor) throws -> String {
        var hash = SHA256()
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        var offset: Int64 = 0
        while case let count = try unsafe buffer.withUnsafeMutableBytes({ unsafe try descriptor.read(fromAbsoluteOffset: offset, into: $0) }), count > 0 {
            hash.update(data: buffer[..<count])
            offset += Int64(count)
        }
        return hash.finalize().hexadecimal
    }
}
