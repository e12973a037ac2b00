internal import Glibc
internal import SystemPackage

/// Bytes that can be read at any place: a file, a part of one, memory.
protocol RandomAccess: Sendable {
    var count: Int64 { get }

    /// Fills `buffer` from `offset` on.
    /// - Returns: How many bytes were filled; fewer than asked for only at the end.
    func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws -> Int
}

extension RandomAccess {
    /// Up to `count` bytes from `offset` on; fewer only at the end.
    func bytes(at offset: Int64, count wanted: Int) throws -> [UInt8] {
        guard offset >= 0, offset < count, wanted > 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: Int(min(Int64(wanted), count - offset)))
        let filled = try unsafe bytes.withUnsafeMutableBytes { unsafe try read(at: offset, into: $0) }
        return filled == bytes.count ? bytes : Array(bytes[..<filled])
    }

    /// Exactly `count` bytes.
    /// - Throws: `truncated`.
    func exactly(_ wanted: Int, at offset: Int64) throws -> [UInt8] {
        let found = try bytes(at: offset, count: wanted)
        guard found.count == wanted else { throw ReadFault.truncated(at: offset) }
        return found
    }

    /// The part from `offset` on, `length` bytes long.
    /// - Throws: `truncated` when it does not lie inside.
    func slice(at offset: Int64, length: Int64) throws -> Slice {
        let (end, overflow) = offset.addingReportingOverflow(length)
        guard offset >= 0, length >= 0, !overflow, end <= count else { throw ReadFault.truncated(at: offset) }
        return Slice(base: self, start: offset, count: length)
    }
}

/// A part of other bytes.
struct Slice: RandomAccess {
    fileprivate let base: any RandomAccess
    fileprivate let start: Int64
    let count: Int64

    func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        guard offset >= 0, offset < count else { return 0 }
        let length = min(buffer.count, Int(count - offset))
        return unsafe try base.read(at: start + offset, into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<length]))
    }
}

/// A file, closed with the value's last copy.
final class FileBytes: RandomAccess {
    let count: Int64
    private let descriptor: FileDescriptor

    init(path: String) throws {
        descriptor = try FileDescriptor.open(FilePath(path), .readOnly, options: [.closeOnExec, .noFollow])
        count = try descriptor.seek(offset: 0, from: .end)
    }

    /// Takes the descriptor over.
    fileprivate init(owning descriptor: FileDescriptor) throws {
        self.descriptor = descriptor
        count = try descriptor.seek(offset: 0, from: .end)
    }

    deinit {
        try? descriptor.close()
    }

    func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        var filled = 0
        while filled < buffer.count {
            let part = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
            let count = unsafe try descriptor.read(fromAbsoluteOffset: offset + Int64(filled), into: part)
            if count == 0 { break }
            filled += count
        }
        return filled
    }
}

/// Bytes in memory.
struct MemoryBytes: RandomAccess {
    private let storage: [UInt8]
    var count: Int64 { Int64(storage.count) }

    init(_ bytes: [UInt8]) {
        storage = bytes
    }

    func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        guard offset >= 0, offset < count else { return 0 }
        let length = min(buffer.count, storage.count - Int(offset))
        unsafe buffer.copyBytes(from: storage[Int(offset)..<Int(offset) + length])
        return length
    }
}

/// Reads random access bytes from the first to the last.
final class SequentialSource: ByteSource {
    private let bytes: any RandomAccess
    private var position: Int64

    init(_ bytes: any RandomAccess, from position: Int64 = 0) {
        self.bytes = bytes
        self.position = position
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let count = unsafe try bytes.read(at: position, into: buffer)
        position += Int64(count)
        return count
    }
}

/// Keeps what a stream gives, so that it can be read at any place: a little in memory, more in a file without a name.
enum Spool {
    private static let memoryLimit = 16 << 20

    /// - Parameter note: Called with the bytes of each step; throws when they are too many.
    static func keep(_ source: any ByteSource, folder: String, noting note: (Int) throws -> Void) throws -> any RandomAccess {
        var memory: [UInt8] = []
        var file: FileDescriptor?
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        do {
            while case let count = try unsafe buffer.withUnsafeMutableBytes({ unsafe try source.read(into: $0) }), count > 0 {
                try note(count)
                if file == nil, memory.count + count > memoryLimit {
                    file = try makeFile(in: folder)
                    try file?.writeAll(memory)
                    memory = []
                }
                if let file { _ = try file.writeAll(buffer[..<count]) } else { memory += buffer[..<count] }
            }
        } catch {
            try? file?.close()
            throw error
        }
        return try file.map { try FileBytes(owning: $0) } ?? MemoryBytes(memory)
    }

    private static func makeFile(in folder: String) throws -> FileDescriptor {
        let withoutName: Int32 = 0o20_000_000 | O_DIRECTORY  // O_TMPFILE, a macro that Swift does not import
        let descriptor = unsafe open(folder, withoutName | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Errno(rawValue: errno) }
        return FileDescriptor(rawValue: descriptor)
    }
}
