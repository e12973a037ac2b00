internal import CCompression

/// xz and legacy .lzma members and raw LZMA data through liblzma, within 256 MiB of dictionary.
@safe final class LZMACodec: Codec {
    private static let memoryLimit: UInt64 = 256 << 20
    private let stream: UnsafeMutablePointer<lzma_stream>

    init(alone: Bool) throws {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: martlet_lzma_stream())
        let code = unsafe alone ? lzma_alone_decoder(stream, Self.memoryLimit) : lzma_stream_decoder(stream, Self.memoryLimit, 0)
        guard code == LZMA_OK else { throw CodecFault(library: "lzma", code: Int(code.rawValue)) }
    }

    /// Data without a container, as 7z archives hold it.
    /// - Parameter properties: 5 bytes for LZMA, 1 byte for LZMA2.
    init(raw properties: [UInt8], isSecond: Bool) throws {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: martlet_lzma_stream())
        let code = unsafe martlet_lzma_raw_init(stream, isSecond ? 1 : 0, properties, properties.count, Self.memoryLimit)
        guard code == LZMA_OK else { throw CodecFault(library: "lzma", code: Int(code.rawValue)) }
    }

    deinit {
        unsafe lzma_end(stream)
        unsafe stream.deallocate()
    }

    func step(_ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer) throws -> CodecStep {
        unsafe stream.pointee.next_in = input.bindMemory(to: UInt8.self).baseAddress
        unsafe stream.pointee.avail_in = input.count
        unsafe stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
        unsafe stream.pointee.avail_out = output.count
        let code = unsafe lzma_code(stream, input.isEmpty ? LZMA_FINISH : LZMA_RUN)
        guard code == LZMA_OK || code == LZMA_STREAM_END || code == LZMA_BUF_ERROR else {
            throw CodecFault(library: "lzma", code: Int(code.rawValue))
        }
        return unsafe CodecStep(
            consumed: input.count - stream.pointee.avail_in,
            produced: output.count - stream.pointee.avail_out,
            memberEnded: code == LZMA_STREAM_END
        )
    }
}
