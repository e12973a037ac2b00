internal import Crypto
internal import Foundation
internal import Synchronization

/// The clear bytes of a sealed file, opened chunk by chunk where they are asked for.
package final class SealedBytes: RandomAccess {
    /// A file that is not what was sealed: changed, cut, put together anew, or another one.
    package struct Broken: Error {}

    private struct Chunk {
        var number: Int64 = -1
        var bytes = Data()
    }

    package let count: Int64
    private let file: FileBytes
    private let key: SymmetricKey
    private let chunks: Int64
    /// The chunk that was opened last: readers go forward in small steps.
    private let recent = Mutex(Chunk())

    /// - Parameter role: What the file was sealed as.
    /// - Throws: ``Broken``, also for a file that was cut at its end.
    package init(_ file: FileBytes, key: FileKey, role: String) throws {
        let body = file.count - Int64(SealedLayout.header)
        let size = Int64(SealedLayout.chunk + SealedLayout.tag)
        guard body >= Int64(SealedLayout.tag), let salt = SealedLayout.salt(in: try file.bytes(at: 0, count: SealedLayout.header)) else { throw Broken() }
        self.file = file
        self.key = key.key(of: role, salt: salt)
        chunks = (body + size - 1) / size
        count = body - chunks * Int64(SealedLayout.tag)
        let last = chunks - 1
        guard count >= last * Int64(SealedLayout.chunk) else { throw Broken() }
        let bytes = try open(last)
        recent.withLock { $0 = Chunk(number: last, bytes: bytes) }
    }

    package func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        guard offset >= 0, offset < count else { return 0 }
        var filled = 0
        while filled < buffer.count, case let position = offset + Int64(filled), position < count {
            let (number, start) = position.quotientAndRemainder(dividingBy: Int64(SealedLayout.chunk))
            let bytes = try chunk(number)
            let length = min(buffer.count - filled, bytes.count - Int(start))
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<filled + length])
            unsafe bytes.copyBytes(to: rest, from: bytes.startIndex + Int(start)..<bytes.startIndex + Int(start) + length)
            filled += length
        }
        return filled
    }

    private func chunk(_ number: Int64) throws -> Data {
        if let known = recent.withLock({ $0.number == number ? $0.bytes : nil }) { return known }
        let bytes = try open(number)
        recent.withLock { $0 = Chunk(number: number, bytes: bytes) }
        return bytes
    }

    private func open(_ number: Int64) throws -> Data {
        let isLast = number == chunks - 1
        let clear = isLast ? Int(count - number * Int64(SealedLayout.chunk)) : SealedLayout.chunk
        let sealed = try file.bytes(at: Int64(SealedLayout.header) + number * Int64(SealedLayout.chunk + SealedLayout.tag), count: clear + SealedLayout.tag)
        guard sealed.count == clear + SealedLayout.tag else { throw Broken() }
        do {
            let box = try AES.GCM.SealedBox(
                nonce: SealedLayout.nonce(number, isLast: isLast), ciphertext: sealed[..<clear], tag: sealed[clear...])
            return try AES.GCM.open(box, using: key)
        } catch {
            throw Broken()
        }
    }
}
