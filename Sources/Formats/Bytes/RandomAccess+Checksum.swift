internal import CCompression
internal import Files

/// The content of a member is not what its checksum says.
struct ChecksumFault: Error {}

extension RandomAccess {
    /// - Parameter checksum: CRC-32 of all bytes (ISO 3309, as zip and 7z have it).
    /// - Throws: ``ChecksumFault``.
    func verify(_ checksum: UInt32) throws {
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        var found: UInt = 0
        var offset: Int64 = 0
        while case let count = try unsafe buffer.withUnsafeMutableBytes({ unsafe try read(at: offset, into: $0) }), count > 0 {
            found = unsafe buffer.withUnsafeBufferPointer { unsafe crc32(found, $0.baseAddress, UInt32(count)) }
            offset += Int64(count)
        }
        guard found == UInt(checksum) else { throw ChecksumFault() }
    }
}
