internal import CCompression

/// bzip2 members through libbz2.
@safe final class Bzip2Codec: Codec {
    private let stream: UnsafeMutablePointer<bz_stream>

    init() throws {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: bz_stream())
        let code = unsafe BZ2_bzDecompressInit(stream, 0, 0)
        guard code == BZ_OK else { throw CodecFault(library: "bzip2", code: Int(code)) }
    }

    deinit {
        unsafe BZ2_bzDecompressEnd(stream)
        unsafe stream.deallocate()
    }

    func step(_ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer) throws -> CodecStep {
        unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: CChar.self).baseAddress)
        unsafe stream.pointee.avail_in = UInt32(input.count)
        unsafe stream.pointee.next_out = output.bindMemory(to: CChar.self).baseAddress
        unsafe stream.pointee.avail_out = UInt32(output.count)
        let code = unsafe BZ2_bzDecompress(stream)
        guard code == BZ_OK || code == BZ_STREAM_END else { throw CodecFault(library: "bzip2", code: Int(code)) }
        return unsafe CodecStep(
            consumed: input.count - Int(stream.pointee.avail_in),
            produced: output.count - Int(stream.pointee.avail_out),
            memberEnded: code == BZ_STREAM_END
        )
    }
}
