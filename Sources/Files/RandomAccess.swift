/// Bytes that can be read at any place: a file, a part of one, memory.
package protocol RandomAccess: Sendable {
    var count: Int64 { get }

    /// Fills `buffer` from `offset` on.
    /// - Returns: How many bytes were filled; fewer than asked for only at the end.
    func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws -> Int
}

extension RandomAccess {
    /// Up to `count` bytes from `offset` on; fewer only at the end.
    package func bytes(at offset: Int64, count wanted: Int) throws -> [UInt8] {
        guard offset >= 0, offset < count, wanted > 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: Int(min(Int64(wanted), count - offset)))
        let filled = try unsafe bytes.withUnsafeMutableBytes { unsafe try read(at: offset, into: $0) }
        return filled == bytes.count ? bytes : Array(bytes[..<filled])
    }

    /// Gives the content piece by piece, from the first byte to the last.
    package func forEachPiece(of size: Int = 1 << 20, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        var buffer = [UInt8](repeating: 0, count: size)
        var offset: Int64 = 0
        try unsafe buffer.withUnsafeMutableBytes { buffer in
            while case let filled = unsafe try read(at: offset, into: buffer), filled > 0 {
                unsafe try body(UnsafeRawBufferPointer(rebasing: buffer[..<filled]))
                offset += Int64(filled)
            }
        }
    }
}
