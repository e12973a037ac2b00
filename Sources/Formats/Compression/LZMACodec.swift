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
    struct Raw {
        static let lzma: [UInt8] = [0x03, 0x01, 0x01]
        static let lzma2: [UInt8] = [0x21]
        /// liblzma's names of the filters that may follow, by the archive's: differences, and jump addresses of processors.
        /// https://github.com/ip7z/7zip/blob/main/DOC/Methods.txt
        static let filters: [[UInt8]: UInt64] = [
            [0x03]: 0x03, [0x04]: 0x04, [0x03, 0x03, 0x01, 0x03]: 0x04, [0x03, 0x03, 0x02, 0x05]: 0x05, [0x03, 0x03, 0x04, 0x01]: 0x06,
            [0x03, 0x03, 0x05, 0x01]: 0x07, [0x03, 0x03, 0x07, 0x01]: 0x08, [0x03, 0x03, 0x08, 0x05]: 0x09,
        ]

        /// `LZMA_FILTER_LZMA1` and `LZMA_FILTER_LZMA2`: macros, which Swift cannot import.
        fileprivate static let lzmaFilter: UInt64 = 0x4000_0000_0000_0001
        fileprivate static let lzma2Filter: UInt64 = 0x21

        let method: [UInt8]
        /// 5 bytes for LZMA, 1 byte for LZMA2.
        let properties: [UInt8]
        /// Bytes after unpacking; LZMA data does not always mark its end.
        let size: Int64
        /// Method and properties of what is applied to the unpacked bytes, in order.
        let filters: [(method: [UInt8], properties: [UInt8])]
    }

    init(_ raw: Raw) throws {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: martlet_lzma_stream())
        let filters = raw.filters.reversed().map { (id: Raw.filters[$0.method] ?? 0, properties: $0.properties) }
        let steps = filters + [(id: raw.method == Raw.lzma2 ? Raw.lzma2Filter : Raw.lzmaFilter, properties: raw.properties)]
        let code = unsafe martlet_lzma_raw_init(
            stream, steps.map(\.id), steps.flatMap(\.properties), steps.map(\.properties.count), steps.count, UInt64(clamping: raw.size), Self.memoryLimit)
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
