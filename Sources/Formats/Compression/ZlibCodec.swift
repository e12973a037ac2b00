internal import CCompression

/// zlib and gzip members and raw deflate data (RFC 1950, 1951, 1952) through zlib.
@safe final class ZlibCodec: Codec {
    private let stream: UnsafeMutablePointer<z_stream>

    /// - Parameter isRaw: Whether the data has no header of its own, as in zip archives.
    init(isRaw: Bool = false) throws {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let code = unsafe isRaw ? martlet_inflate_raw_init(stream) : martlet_inflate_init(stream)
        guard code == Z_OK else { throw CodecFault(library: "zlib", code: Int(code)) }
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    func step(_ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer) throws -> CodecStep {
        unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: UInt8.self).baseAddress)
        unsafe stream.pointee.avail_in = UInt32(input.count)
        unsafe stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
        unsafe stream.pointee.avail_out = UInt32(output.count)
        let code = unsafe inflate(stream, Z_NO_FLUSH)
        guard code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR else { throw CodecFault(library: "zlib", code: Int(code)) }
        return unsafe CodecStep(
            consumed: input.count - Int(stream.pointee.avail_in),
            produced: output.count - Int(stream.pointee.avail_out),
            memberEnded: code == Z_STREAM_END
        )
    }
}
