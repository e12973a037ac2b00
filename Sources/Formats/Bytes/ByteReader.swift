/// Why a file could not be read to its end; the scan turns it into a finding, and the file fails.
enum ReadFault: Error, Equatable {
    /// The file ends in the middle of something.
    case truncated(at: Int64)
    /// The bytes are not what the format allows there.
    case malformed(String, at: Int64)
    /// A limit of ours was reached before the end.
    case limit(String, at: Int64)
}

/// Reads a source byte by byte within a limit, and knows where it is.
final class ByteReader {
    private let source: any ByteSource
    private let limit: Int64
    private var buffer: [UInt8]
    private var start = 0
    private var end = 0
    private var consumedBefore: Int64 = 0

    /// - Parameter limit: Bytes that may be read in all; one more throws `limit`.
    init(_ source: any ByteSource, limit: Int64) {
        self.source = source
        self.limit = limit
        buffer = [UInt8](repeating: 0, count: 64 * 1024)
    }

    /// Bytes read so far.
    var offset: Int64 { consumedBefore + Int64(start) }

    var isAtEnd: Bool {
        get throws { try !fill() }
    }

    func byte() throws -> UInt8 {
        guard try fill() else { throw ReadFault.truncated(at: offset) }
        defer { start += 1 }
        return buffer[start]
    }

    /// Reads exactly `count` bytes; memory grows only as they arrive, so a false length costs nothing.
    func bytes(_ count: Int) throws -> [UInt8] {
        guard count >= 0 else { throw ReadFault.malformed("a negative length", at: offset) }
        var result: [UInt8] = []
        try take(count) { result += $0 }
        return result
    }

    /// Passes over exactly `count` bytes.
    func skip(_ count: Int64) throws {
        guard count >= 0 else { throw ReadFault.malformed("a negative length", at: offset) }
        var left = count
        while left > 0 {
            let step = Int(min(left, 1 << 30))
            try take(step) { _ in }
            left -= Int64(step)
        }
    }

    /// Passes over everything that is left.
    func skipToEnd() throws {
        while try fill() { start = end }
    }

    /// Reads up to the next line feed, which is taken but not returned.
    func line(atMost maximum: Int = 1 << 20) throws -> [UInt8] {
        var result: [UInt8] = []
        while true {
            let next = try byte()
            if next == 0x0a { return result }
            guard result.count < maximum else { throw ReadFault.limit("a line longer than \(maximum) bytes", at: offset) }
            result.append(next)
        }
    }

    func littleEndian(bytes count: Int) throws -> UInt64 {
        var value: UInt64 = 0
        for shift in 0..<count {
            value |= UInt64(try byte()) << UInt64(shift * 8)
        }
        return value
    }

    /// The next bytes without taking them; fewer than `count` only at the end. At most 4,096.
    func peek(_ count: Int) throws -> ArraySlice<UInt8> {
        precondition(count <= 4096)
        while end - start < count {
            if start > 0 { compact() }
            guard try refill() else { break }
        }
        return buffer[start..<min(end, start + count)]
    }

    private func take(_ count: Int, _ use: (ArraySlice<UInt8>) -> Void) throws {
        var left = count
        while left > 0 {
            guard try fill() else { throw ReadFault.truncated(at: offset) }
            let step = min(left, end - start)
            use(buffer[start..<start + step])
            start += step
            left -= step
        }
    }

    private func fill() throws -> Bool {
        if start < end { return true }
        compact()
        return try refill()
    }

    private func compact() {
        buffer.replaceSubrange(0..<(end - start), with: Array(buffer[start..<end]))
        consumedBefore += Int64(start)
        end -= start
        start = 0
    }

    private func refill() throws -> Bool {
        guard end < buffer.count else { return false }
        let position = end
        let count = try unsafe buffer.withUnsafeMutableBytes { bytes in
            unsafe try source.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[position...]))
        }
        end += count
        guard consumedBefore + Int64(end) <= limit else {
            throw ReadFault.limit("more than \(limit) bytes of content", at: offset)
        }
        return count > 0
    }
}
