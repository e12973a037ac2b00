internal import CCompression

/// LZ4 frames (https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md) through liblz4.
@safe final class LZ4Codec: Codec {
    private var context: OpaquePointer?

    init() throws {
        let code = unsafe LZ4F_createDecompressionContext(&context, UInt32(LZ4F_VERSION))
        guard LZ4F_isError(code) == 0 else { throw CodecFault(library: "lz4", code: code) }
    }

    deinit {
        unsafe LZ4F_freeDecompressionContext(context)
    }

    func step(_ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer) throws -> CodecStep {
        var consumed = input.count
        var produced = output.count
        let code = unsafe LZ4F_decompress(context, output.baseAddress, &produced, input.baseAddress, &consumed, nil)
        guard LZ4F_isError(code) == 0 else { throw CodecFault(library: "lz4", code: code) }
        return CodecStep(consumed: consumed, produced: produced, memberEnded: code == 0)
    }
}
