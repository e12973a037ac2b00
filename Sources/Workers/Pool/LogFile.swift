internal import Domain
internal import Glibc
internal import SystemPackage

/// A log of bounded size on disk: once full it becomes `{path}.1`, in place of the one before, and a new one begins.
///
/// Everything here blocks: call it on a thread pool.
package struct LogFile: Sendable {
    private static let limit: Int64 = 512 << 10
    package let path: String

    package init(path: String) {
        self.path = path
    }

    /// Adds to the end. A log that cannot be written is no reason to stop a model: the failure is ignored.
    func append(_ bytes: [UInt8]) {
        guard
            let descriptor = try? FileDescriptor.open(
                FilePath(path), .writeOnly, options: [.create, .append, .closeOnExec, .noFollow], permissions: FilePermissions(rawValue: 0o600)
            )
        else { return }
        defer { try? descriptor.close() }
        _ = try? descriptor.writeAll(bytes)
        if let size = try? descriptor.seek(offset: 0, from: .end), size >= Self.limit {
            _ = unsafe rename(path, "\(path).1")
        }
    }

    /// Everything that is kept, oldest first; at most about 1.5 MiB.
    package func text() -> String {
        String(decoding: Self.read("\(path).1") + Self.read(path), as: UTF8.self)
    }

    private static func read(_ path: String) -> [UInt8] {
        guard let descriptor = try? FileDescriptor.open(FilePath(path), .readOnly, options: [.closeOnExec, .noFollow]) else { return [] }
        defer { try? descriptor.close() }
        var bytes = [UInt8](repeating: 0, count: Int(2 * limit))
        let count = try? unsafe bytes.withUnsafeMutableBytes { unsafe try descriptor.read(fromAbsoluteOffset: 0, into: $0) }
        return Array(bytes[..<(count ?? 0)])
    }
}
