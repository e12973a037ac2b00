internal import Domain
internal import SystemPackage

/// A stored file, sealed or not: whoever reads it sees the clear bytes.
package struct StoredFile: Sendable {
    package let path: String
    private let keys: FolderKeys

    package init(path: String, keys: FolderKeys) {
        self.path = path
        self.keys = keys
    }

    /// What a file is to its folder: its name without the ending, which a received file gets last.
    package static func role(of name: String) -> String {
        String(name.prefix { $0 != "." })
    }

    /// Whether what lies on the disk is not the clear bytes. Blocks.
    package var isSealed: Bool {
        get throws { try keys.key(of: DurableFile.parent(of: path)) != nil }
    }

    /// Opens the file. Blocks.
    /// - Throws: `storageFailure` when it is not there, or not what was sealed.
    package func open() throws -> any RandomAccess {
        do {
            let file = try FileBytes(path: path)
            guard let key = try keys.key(of: DurableFile.parent(of: path)) else { return file }
            return try SealedBytes(file, key: key, role: Self.role(of: String(path[path.index(after: path.lastIndex(of: "/") ?? path.startIndex)...])))
        } catch is SealedBytes.Broken {
            throw Self.broken
        } catch let error as Errno {
            throw PlatformError(.storageFailure, "A stored file of the version cannot be opened.", cause: error)
        }
    }

    /// The whole content. Blocks.
    package func contents() throws -> [UInt8] {
        let file = try open()
        do {
            return try file.bytes(at: 0, count: Int(file.count))
        } catch is SealedBytes.Broken {
            throw Self.broken
        }
    }

    private static var broken: PlatformError {
        PlatformError(.storageFailure, "An encrypted file of the version was changed, cut or exchanged.")
    }
}
