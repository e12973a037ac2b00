package import Domain
internal import Glibc
package import SystemPackage

/// Writes that survive a power cut: to a temporary name, synced, then renamed, then the folder synced.
///
/// https://lwn.net/Articles/457667/ ("Ensuring data reaches disk"). Everything here blocks: call it on a thread pool.
package enum DurableFile {
    /// Replaces or makes the file at `path`.
    /// - Throws: `storageFailure`.
    package static func write(_ bytes: some Sequence<UInt8>, to path: String, permissions: UInt16 = 0o644) throws {
        let temporary = temporaryName(beside: path)
        try translated {
            let descriptor = try FileDescriptor.open(
                FilePath(temporary), .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec], permissions: FilePermissions(rawValue: mode_t(permissions))
            )
            try descriptor.closeAfter {
                keepOwner(of: path, on: descriptor)
                try descriptor.writeAll(bytes)
                try sync(descriptor)
            }
            try rename(temporary, to: path)
        }
    }

    /// The same, sealed.
    package static func write(_ bytes: [UInt8], sealedBy sealer: Sealer?, to path: String) throws {
        guard var sealer else { return try write(bytes, to: path) }
        let chunks = try unsafe bytes.withUnsafeBytes { unsafe try sealer.seal($0) }
        try write(sealer.header + chunks + (try sealer.finish()), to: path)
    }

    /// Moves a file or an empty place's folder, and makes the move last.
    package static func rename(_ source: String, to target: String) throws {
        try translated {
            guard unsafe Glibc.rename(source, target) == 0 else { throw Errno(rawValue: errno) }
            try syncFolder(parent(of: target))
        }
    }

    package static func syncFolder(_ path: String) throws {
        try translated {
            let descriptor = try FileDescriptor.open(FilePath(path), .readOnly, options: [.closeOnExec, .directory])
            try descriptor.closeAfter { try sync(descriptor) }
        }
    }

    /// A command that root runs beside a server leaves the server its files.
    private static func keepOwner(of path: String, on descriptor: FileDescriptor) {
        var status = stat()
        guard unsafe stat(path, &status) == 0, geteuid() == 0 else { return }
        _ = fchown(descriptor.rawValue, status.st_uid, status.st_gid)
    }

    /// A name that no other writer uses at the same time.
    package static func temporaryName(beside path: String) -> String {
        "\(path).\(String(UInt64.random(in: .min ... .max), radix: 36)).tmp"
    }

    package static func sync(_ descriptor: FileDescriptor) throws {
        guard fsync(descriptor.rawValue) == 0 else { throw Errno(rawValue: errno) }
    }

    package static func parent(of path: String) -> String {
        String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    }

    /// Runs `body` and turns the system's errors into ours.
    package static func translated<Value>(_ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let error as Errno {
            throw platformError(from: error)
        }
    }
}

/// The one place where the file system's failures become ours.
package func platformError(from error: Errno) -> PlatformError {
    switch error {
    case .noSpace, .diskQuotaExceeded:
        PlatformError(.storageFailure, "The disk is full; nothing was stored. hint: try again once there is space.", retryAfterSeconds: 60, cause: error)
    default:
        PlatformError(.storageFailure, "The file could not be stored. hint: try again; if it stays, see the server's log.", retryAfterSeconds: 5, cause: error)
    }
}
