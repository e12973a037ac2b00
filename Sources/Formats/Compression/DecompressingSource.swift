/// Decompresses another source, member after member, in constant memory.
final class DecompressingSource: ByteSource {
    private let source: any ByteSource
    /// nil when no other member may follow.
    private let compression: Compression?
    private var codec: any Codec
    private var input = [UInt8](repeating: 0, count: 64 * 1024)
    private var start = 0
    private var end = 0
    private var betweenMembers = false
    private var finished = false

    init(_ source: any ByteSource, _ compression: Compression) throws {
        self.source = source
        self.compression = compression
        codec = try compression.makeCodec()
    }

    /// One member of a codec of its own.
    init(_ source: any ByteSource, codec: any Codec) {
        self.source = source
        compression = nil
        self.codec = codec
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        while !finished {
            if start == end {
                start = 0
                end = try unsafe input.withUnsafeMutableBytes { unsafe try source.read(into: $0) }
            }
            if betweenMembers {
                guard try beginNextMember() else { break }
            }
            let step = try unsafe input.withUnsafeBytes { bytes in
                unsafe try codec.step(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), buffer)
            }
            let starved = start == end
            start += step.consumed
            betweenMembers = step.memberEnded
            if step.produced > 0 { return step.produced }
            if step.memberEnded { continue }
            if starved { throw ReadFault.malformed("the compressed stream ends early", at: 0) }
            if step.consumed == 0 { throw ReadFault.malformed("the compressed stream does not go on", at: 0) }
        }
        return 0
    }

    /// - Returns: false at the end of the file.
    private func beginNextMember() throws -> Bool {
        guard start < end else {
            finished = true
            return false
        }
        guard let compression, compression.mayConcatenate else {
            throw ReadFault.malformed("bytes follow the end of the compressed stream", at: 0)
        }
        codec = try compression.makeCodec()
        betweenMembers = false
        return true
    }
}
