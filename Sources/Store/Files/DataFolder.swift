internal import Domain
internal import Files
internal import Foundation
internal import Glibc

/// The folder that holds everything of one server, and the names of what is in it.
package struct DataFolder: Sendable {
    package let root: String

    /// Other users may pass through the folder, as a worker's own user must in order to reach its environment, and read nothing else.
    ///
    /// - Parameter path: Made when it is not there.
    /// - Throws: `storageFailure`.
    package init(_ path: String) throws {
        let absolute = path.hasPrefix("/") ? path : "\(FileManager.default.currentDirectoryPath)/\(path)"
        root = URL(fileURLWithPath: absolute).standardizedFileURL.path
        do {
            for folder in [root, uploads, resumable, models, environments, secrets] {
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            }
        } catch {
            throw PlatformError(.storageFailure, "The data folder '\(root)' cannot be made or written.", cause: error)
        }
        _ = unsafe chmod(root, 0o711)
        for folder in [uploads, resumable, models, secrets] { _ = unsafe chmod(folder, 0o700) }
        // SQLite gives its journals the permissions of the database.
        for file in ["", "-wal", "-shm"].map({ database + $0 }) { _ = unsafe chmod(file, 0o600) }
        close(unsafe open(database, O_RDWR | O_CREAT | O_CLOEXEC, 0o600))
    }

    package var database: String { "\(root)/martlet.sqlite" }
    package var uploads: String { "\(root)/uploads" }
    /// Files that come in parts, which a restart leaves alone.
    package var resumable: String { "\(root)/resumable" }
    package var models: String { "\(root)/models" }
    package var environments: String { "\(root)/environments" }
    var secrets: String { "\(root)/secrets" }

    /// The absolute path of something named relative to the folder.
    package func path(_ relative: String) -> String { "\(root)/\(relative)" }

    /// Takes the folder for this process until it ends.
    /// - Throws: `conflict` when another server has it.
    package func lock() throws -> Int32 {
        let descriptor = unsafe open("\(root)/.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw PlatformError(.conflict, "Another server uses the data folder '\(root)'. hint: stop it, or give another --data-dir.")
        }
        return descriptor
    }

    /// The keys that sign access tokens, newest first: `jwt.key`, which is called 1, and `jwt.2.key` and so on.
    package func tokenKeys() throws -> [(id: String, secret: [UInt8])] {
        var keys = [("1", try secret("jwt.key"))]
        while FileManager.default.fileExists(atPath: "\(secrets)/jwt.\(keys.count + 1).key") {
            keys.append(("\(keys.count + 1)", try secret("jwt.\(keys.count + 1).key")))
        }
        return keys.reversed()
    }

    /// Makes the next key that signs access tokens; a server uses it from its next start on.
    /// - Returns: What it is called.
    package func addTokenKey() throws -> String {
        let next = try tokenKeys().count + 1
        _ = try secret("jwt.\(next).key")
        return "\(next)"
    }

    package func hasSecret(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(secrets)/\(name)") }

    /// 32 random bytes under `name`, made at the first call.
    package func secret(_ name: String) throws -> [UInt8] {
        let path = "\(secrets)/\(name)"
        if let data = FileManager.default.contents(atPath: path), data.count == 32 { return Array(data) }
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
        try DurableFile.write(bytes, to: path, permissions: 0o600)
        return bytes
    }
}
