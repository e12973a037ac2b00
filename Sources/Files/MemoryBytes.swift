/// Bytes in memory.
package struct MemoryBytes: RandomAccess {
    private let storage: [UInt8]
    package var count: Int64 { Int64(storage.count) }

    package init(_ bytes: [UInt8]) {
        storage = bytes
    }

    package func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        guard offset >= 0, offset < count else { return 0 }
        let length = min(buffer.count, storage.count - Int(offset))
        unsafe buffer.copyBytes(from: storage[Int(offset)..<Int(offset) + length])
        return length
    }
}
