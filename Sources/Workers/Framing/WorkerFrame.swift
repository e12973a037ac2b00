package import NIOCore

/// One message between the server and a worker.
///
/// Layout, little-endian: u32 length of the rest, u8 kind, u64 request id, u32 length of the header, the header as JSON,
/// then the bytes of the tensors in the order in which the header lists them. `python/martlet_worker/frames.py` is the
/// other side.
package struct WorkerFrame: Sendable {
    package enum Kind: UInt8, Sendable {
        case configure = 1
        case ready = 2
        case load = 3
        case loaded = 4
        case predict = 5
        case predicted = 6
        case error = 7
        /// Asks for the model in ONNX's format.
        case convert = 8
        case converted = 9
    }

    package let kind: Kind
    package let requestID: UInt64
    /// JSON.
    package let header: [UInt8]
    package let payload: ByteBuffer

    package init(_ kind: Kind, requestID: UInt64, header: [UInt8], payload: ByteBuffer = ByteBuffer()) {
        self.kind = kind
        self.requestID = requestID
        self.header = header
        self.payload = payload
    }
}

/// Why a worker's bytes are no frame; the worker is ended.
struct FrameFault: Error {
    let reason: String
}

/// Cuts a stream into frames of at most 1 GiB.
struct WorkerFrameDecoder: NIOSingleStepByteToMessageDecoder {
    typealias InboundOut = WorkerFrame

    private static let maximumLength = 1 << 30
    private static let headLength = 13

    mutating func decode(buffer: inout ByteBuffer) throws -> WorkerFrame? {
        guard let length: UInt32 = buffer.getInteger(at: buffer.readerIndex, endianness: .little) else { return nil }
        guard length >= UInt32(Self.headLength), length <= UInt32(Self.maximumLength) else { throw FrameFault(reason: "a frame of \(length) bytes") }
        guard buffer.readableBytes >= 4 + Int(length) else { return nil }
        buffer.moveReaderIndex(forwardBy: 4)
        guard let number: UInt8 = buffer.readInteger(), let kind = WorkerFrame.Kind(rawValue: number),
            let requestID: UInt64 = buffer.readInteger(endianness: .little),
            let headerLength: UInt32 = buffer.readInteger(endianness: .little),
            Int(headerLength) <= Int(length) - Self.headLength, let header = buffer.readBytes(length: Int(headerLength)),
            let payload = buffer.readSlice(length: Int(length) - Self.headLength - Int(headerLength))
        else { throw FrameFault(reason: "a frame that contradicts itself") }
        return WorkerFrame(kind, requestID: requestID, header: header, payload: payload)
    }

    mutating func decodeLast(buffer: inout ByteBuffer, seenEOF: Bool) throws -> WorkerFrame? {
        try decode(buffer: &buffer)
    }
}

extension WorkerFrame {
    func write(into buffer: inout ByteBuffer) {
        let length = 13 + header.count + payload.readableBytes
        buffer.reserveCapacity(minimumWritableBytes: 4 + length)
        buffer.writeInteger(UInt32(length), endianness: .little)
        buffer.writeInteger(kind.rawValue)
        buffer.writeInteger(requestID, endianness: .little)
        buffer.writeInteger(UInt32(header.count), endianness: .little)
        buffer.writeBytes(header)
        buffer.writeImmutableBuffer(payload)
    }
}
