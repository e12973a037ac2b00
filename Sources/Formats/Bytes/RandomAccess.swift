internal import Files

extension RandomAccess {
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
