internal import Files
internal import Glibc
internal import SystemPackage

/// Keeps what a stream gives, so that it can be read at any place: a little in memory, more in a file without a name.
struct Spool: Sendable {
    let folder: String
    /// Whether files are sealed with a key that only this process has.
    var isSealed = false
    /// Bytes that are kept in memory; more go to the file.
    var memoryLimit = 16 << 20

    /// - Parameter note: Called with the bytes of each step; throws when they are too many.
    func keep(_ source: any ByteSource, noting note: (Int) throws -> Void) throws -> any RandomAccess {
        var memory: [UInt8] = []
        var file: SpoolFile?
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        do {
            while case let count = try unsafe buffer.withUnsafeMutableBytes({ unsafe try source.read(into: $0) }), count > 0 {
                try note(count)
                if file == nil, memory.count + count > memoryLimit {
                    file = try SpoolFile(in: folder, isSealed: isSealed)
                    try file?.append(memory[...])
                    memory = []
                }
                if file != nil { try file?.append(buffer[..<count]) } else { memory += buffer[..<count] }
            }
        } catch {
            file?.close()
            throw error
        }
        return try file?.finish() ?? MemoryBytes(memory)
    }
}

/// A file without a name, which is gone with its descriptor.
private struct SpoolFile {
    private static let role = "spool"
    private let descriptor: FileDescriptor
    private let key: FileKey?
    private var sealer: Sealer?

    init(in folder: String, isSealed: Bool) throws {
        let withoutName: Int32 = 0o20_000_000 | O_DIRECTORY  // O_TMPFILE, a macro that Swift does not import
        let opened = unsafe open(folder, withoutName | O_RDWR | O_CLOEXEC, 0o600)
        guard opened >= 0 else { throw Errno(rawValue: errno) }
        descriptor = FileDescriptor(rawValue: opened)
        key = isSealed ? FileKey() : nil
        sealer = key.map { Sealer($0, role: Self.role) }
        do {
            if let sealer { try descriptor.writeAll(sealer.header) }
        } catch {
            try? descriptor.close()
            throw error
        }
    }

    mutating func append(_ bytes: ArraySlice<UInt8>) throws {
        let sealed = try unsafe bytes.withUnsafeBytes { unsafe try sealer?.seal($0) }
        _ = try descriptor.writeAll(sealed?[...] ?? bytes)
    }

    mutating func finish() throws -> any RandomAccess {
        do {
            if let last = try sealer?.finish() { try descriptor.writeAll(last) }
        } catch {
            close()
            throw error
        }
        let file = try FileBytes(owning: descriptor)
        return try key.map { try SealedBytes(file, key: $0, role: Self.role) } ?? file
    }

    func close() { try? descriptor.close() }
}
