internal import Domain
internal import SystemPackage

/// The key of each folder, which lies in it, wrapped by a master key and bound to where the folder stands.
///
/// Everything here blocks: call it on a thread pool.
package struct FolderKeys: Sendable {
    private static let name = "data.key"
    private let root: String
    private let master: MasterKeyring?
    private let sealsNew: Bool

    /// - Parameters:
    ///   - root: What folders are named below, so that all of them can be moved together.
    ///   - master: nil when no file is sealed.
    ///   - sealsNew: Whether new folders get a key; those that have one are read either way.
    package init(root: String, master: MasterKeyring? = nil, sealsNew: Bool = false) {
        self.root = root
        self.master = master
        self.sealsNew = sealsNew
    }

    /// Whether new files are sealed.
    package var isOn: Bool { sealsNew && master != nil }

    /// Gives a folder a key, when new files are to be sealed.
    package func make(in folder: String) throws -> FileKey? {
        guard sealsNew, let master else { return nil }
        let key = FileKey()
        try DurableFile.write(try master.wrap(key, for: place(folder)).utf8, to: "\(folder)/\(Self.name)", permissions: 0o600)
        return key
    }

    /// - Returns: nil for a folder whose files are not sealed.
    /// - Throws: `storageFailure` for one whose key cannot be opened.
    package func key(of folder: String) throws -> FileKey? { try open(folder)?.key }

    /// Wraps the folder's key for the place it will be moved to.
    package func bind(_ folder: String, to target: String) throws {
        guard let opened = try open(folder), let master else { return }
        try DurableFile.write(try master.wrap(opened.key, for: place(target)).utf8, to: "\(folder)/\(Self.name)", permissions: 0o600)
    }

    /// Wraps the folder's key by the newest master key.
    /// - Returns: Whether another one wrapped it before.
    package func rewrap(_ folder: String) throws -> Bool {
        guard let opened = try open(folder), !opened.isCurrent, let master else { return false }
        try DurableFile.write(try master.wrap(opened.key, for: place(folder)).utf8, to: "\(folder)/\(Self.name)", permissions: 0o600)
        return true
    }

    private func place(_ folder: String) -> String { folder.hasPrefix("\(root)/") ? String(folder.dropFirst(root.count + 1)) : folder }

    private func open(_ folder: String) throws -> (key: FileKey, isCurrent: Bool)? {
        let data: [UInt8]
        do {
            let file = try FileBytes(path: "\(folder)/\(Self.name)")
            data = try file.bytes(at: 0, count: Int(min(file.count, 4096)))
        } catch Errno.noSuchFileOrDirectory {
            return nil
        } catch {
            // A key that cannot be read is no folder without one.
            throw PlatformError(.storageFailure, "The key of a version cannot be read.", cause: error)
        }
        guard let master else {
            throw PlatformError(.storageFailure, "The version's files are encrypted, and there is no master key. hint: set MARTLET_MASTER_KEY_FILE.")
        }
        return try master.unwrap(String(decoding: data, as: UTF8.self), for: place(folder))
    }
}
