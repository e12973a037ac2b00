/// How a stream is compressed.
package enum Compression: String, Sendable, CaseIterable {
    case zlib, gzip, bz2, xz, lzma, lz4
    /// Deflate data without a header: members of zip archives. Never told from the first bytes.
    case deflate

    /// Tells the compression from the first bytes; nil when there is none that we know.
    init?(magic: some Collection<UInt8>) {
        let head = Array(magic.prefix(6))
        func starts(_ bytes: UInt8...) -> Bool { head.starts(with: bytes) }
        if starts(0x1f, 0x8b) {
            self = .gzip
        } else if starts(0x42, 0x5a, 0x68) {
            self = .bz2
        } else if starts(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00) {
            self = .xz
        } else if starts(0x5d, 0x00, 0x00) {
            self = .lzma
        } else if starts(0x04, 0x22, 0x4d, 0x18) {
            self = .lz4
        } else if head.count >= 2, head[0] == 0x78, (UInt16(head[0]) << 8 | UInt16(head[1])) % 31 == 0 {
            self = .zlib  // RFC 1950 section 2.2: CM 8, window 32 KiB, FCHECK
        } else {
            return nil
        }
    }

    func makeCodec() throws -> any Codec {
        switch self {
        case .zlib, .gzip: try ZlibCodec()
        case .deflate: try ZlibCodec(isRaw: true)
        case .bz2: try Bzip2Codec()
        case .xz, .lzma: try LZMACodec(alone: self == .lzma)
        case .lz4: try LZ4Codec()
        }
    }

    /// Whether several members may follow each other in one file.
    var mayConcatenate: Bool { self != .zlib && self != .lzma && self != .deflate }
}

/// One decompressor of a well-kept C library.
protocol Codec: AnyObject {
    /// Moves bytes from `input` to `output` until one of them is used up or the member ends.
    func step(_ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer) throws -> CodecStep
}

struct CodecStep {
    let consumed: Int
    let produced: Int
    let memberEnded: Bool
}

/// The codec refused the bytes.
struct CodecFault: Error {
    let library: String
    let code: Int
}
