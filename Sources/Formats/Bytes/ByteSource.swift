internal import SystemPackage

/// Bytes that come one after the other: from a file, from memory, out of a decompressor.
protocol ByteSource: AnyObject {
    /// Fills `buffer` from its start.
    /// - Returns: How many bytes were filled; 0 only at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int
}

/// A file opened for reading; closed with the object.
final class FileSource: ByteSource {
    private let descriptor: FileDescriptor

    init(path: String) throws {
        descriptor = try FileDescriptor.open(FilePath(path), .readOnly, options: [.closeOnExec, .noFollow])
    }

    deinit {
        try? descriptor.close()
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        unsafe try descriptor.read(into: buffer)
    }

    /// The last `count` bytes of the file, or all of it when it is shorter.
    static func tail(of path: String, count: Int) throws -> [UInt8] {
        let descriptor = try FileDescriptor.open(FilePath(path), .readOnly, options: [.closeOnExec, .noFollow])
        defer { try? descriptor.close() }
        let size = try descriptor.seek(offset: 0, from: .end)
        try descriptor.seek(offset: max(0, size - Int64(count)), from: .start)
        let reader = ByteReader(FileHandleSource(descriptor), limit: Int64(count))
        return try reader.bytes(Int(min(size, Int64(count))))
    }
}

/// A descriptor that somebody else closes.
private final class FileHandleSource: ByteSource {
    private let descriptor: FileDescriptor

    init(_ descriptor: FileDescriptor) {
        self.descriptor = descriptor
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        unsafe try descriptor.read(into: buffer)
    }
}

/// Bytes in memory.
final class MemorySource: ByteSource {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let count = min(buffer.count, bytes.count - position)
        unsafe buffer.copyBytes(from: bytes[position..<position + count])
        position += count
        return count
    }
}

/// The first bytes of another source.
final class LimitedSource: ByteSource {
    private let source: any ByteSource
    private var left: Int64

    init(_ source: any ByteSource, count: Int64) {
        self.source = source
        left = count
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        guard left > 0 else { return 0 }
        let length = Int(min(Int64(buffer.count), left))
        let count = unsafe try source.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<length]))
        guard count > 0 else { throw ReadFault.malformed("the compressed stream ends early", at: 0) }
        left -= Int64(count)
        return count
    }
}
