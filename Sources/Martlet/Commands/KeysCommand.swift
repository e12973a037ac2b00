internal import ArgumentParser
internal import Domain
internal import Files
internal import Foundation
internal import Glibc
internal import Store

/// `martlet keys create|rotate`
struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Manage the master keys of encryption at rest.", subcommands: [Create.self, Rotate.self])

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a file with a new master key, which only its owner may read.")

        @Argument(help: "The file; it must not be there yet.")
        var file: String

        func run() throws {
            guard !FileManager.default.fileExists(atPath: file) else { throw ValidationError("'\(file)' is there already.") }
            try DurableFile.write("\(MasterKeys.makeText())\n".utf8, to: URL(fileURLWithPath: file).path, permissions: 0o600)
            FileHandle.standardError.write(Data("Keep a copy of '\(file)' elsewhere: without it nothing can be read.\n".utf8))
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Wrap the key of every version by the newest master key; model files are not touched.",
            discussion: """
                With a key file, a new master key is put in front of it first; a running server sees it. The older keys stay in the file until \
                --drop-old takes them out, for which the server must be stopped. With MARTLET_MASTER_KEY, give "new,old"; the server must be stopped then too.
                """)

        @OptionGroup var flags: SettingFlags

        @Flag(help: "Wrap everything by the newest key that is there, and take the older ones out of the file.")
        var dropOld = false

        func run() async throws {
            let settings = try await flags.settings()
            let data = try DataFolder(settings.dataDir)
            // A key from the environment cannot be read again by a running server.
            let lock = dropOld || settings.masterKey.path == nil ? try data.lock() : nil
            defer { if let lock { close(lock) } }
            let turn = try settings.masterKey.path.map { try Self.takeTurn($0) }
            defer { if let turn { close(turn) } }
            if let path = settings.masterKey.path, !dropOld {
                let before = try settings.masterKey.keyring()
                try Self.write([MasterKeys.makeText()] + before.texts, to: path)
            }
            let keyring = try settings.masterKey.keyring()
            let keys = FolderKeys(root: data.root, master: keyring)
            let (count, isWhole) = Self.rewrap(VersionFiles(data).folders(), keys)
            FileHandle.standardOutput.write(Data("\(count) keys wrapped anew.\n".utf8))
            guard isWhole else { throw ExitCode(1) }
            if let path = settings.masterKey.path, dropOld { try Self.write(Array(keyring.texts.prefix(1)), to: path) }
        }

        /// Waits for another rotation of the same file.
        private static func takeTurn(_ path: String) throws -> Int32 {
            let descriptor = unsafe open("\(path).lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            guard descriptor >= 0, flock(descriptor, LOCK_EX) == 0 else {
                throw PlatformError(.storageFailure, "The file '\(path).lock' cannot be made, which keeps two rotations apart.")
            }
            return descriptor
        }

        /// A folder that cannot be read is told, and the rest goes on.
        private static func rewrap(_ folders: [String], _ keys: FolderKeys) -> (count: Int, isWhole: Bool) {
            var (count, isWhole) = (0, true)
            for folder in folders {
                do {
                    if try keys.rewrap(folder) { count += 1 }
                } catch {
                    isWhole = false
                    FileHandle.standardError.write(Data("\(folder): \((error as? PlatformError)?.message ?? "\(error)")\n".utf8))
                }
            }
            return (count, isWhole)
        }

        private static func write(_ keys: [String], to path: String) throws {
            try DurableFile.write((keys.joined(separator: "\n") + "\n").utf8, to: URL(fileURLWithPath: path).path, permissions: 0o600)
        }
    }
}
