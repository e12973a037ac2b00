import COnnxRuntime
import Glibc

/// A message between the server and the worker; `Sources/Workers/Framing/WorkerFrame.swift` describes the layout.
struct Frame {
    enum Kind: UInt8 {
        case configure = 1
        case ready = 2
        case load = 3
        case loaded = 4
        case predict = 5
        case predicted = 6
        case error = 7
    }

    let kind: Kind
    let requestID: UInt64
    /// JSON.
    let header: [UInt8]
    let payload: [UInt8]
}

/// The server's end is gone, or what it says is no frame.
struct ConnectionLost: Error {}

/// The line to the server: one frame after the other, blocking.
struct FrameSocket {
    private static let headLength = 17
    private static let maximumLength = 1 << 30
    let requests: Int32
    let files: Int32

    func receive() throws -> Frame {
        let head = try bytes(Self.headLength)
        let length = Int(Self.number(head[0..<4]))
        let headerLength = Int(Self.number(head[13..<17]))
        guard length <= Self.maximumLength, length >= 13 + headerLength, let kind = Frame.Kind(rawValue: head[4]) else { throw ConnectionLost() }
        return Frame(kind: kind, requestID: Self.number(head[5..<13]), header: try bytes(headerLength), payload: try bytes(length - 13 - headerLength))
    }

    func send(_ frame: Frame) throws {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.headLength + frame.header.count + frame.payload.count)
        Self.append(UInt64(13 + frame.header.count + frame.payload.count), width: 4, to: &bytes)
        bytes.append(frame.kind.rawValue)
        Self.append(frame.requestID, width: 8, to: &bytes)
        Self.append(UInt64(frame.header.count), width: 4, to: &bytes)
        bytes += frame.header
        bytes += frame.payload
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { unsafe write(requests, $0.baseAddress?.advanced(by: sent), bytes.count - sent) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw ConnectionLost() }
            sent += count
        }
    }

    /// The open files that belong to a LOAD.
    func receiveDescriptors(_ count: Int) throws -> [Int32] {
        var descriptors = [Int32](repeating: -1, count: count)
        guard unsafe onnx_worker_receive_descriptors(files, &descriptors, Int32(count)) == Int32(count) else { throw ConnectionLost() }
        return descriptors
    }

    private func bytes(_ count: Int) throws -> [UInt8] {
        unsafe try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let part = unsafe read(requests, buffer.baseAddress?.advanced(by: filled), count - filled)
                if part < 0, errno == EINTR { continue }
                guard part > 0 else { throw ConnectionLost() }
                filled += part
            }
        }
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func append(_ number: UInt64, width: Int, to bytes: inout [UInt8]) {
        for shift in 0..<width { bytes.append(UInt8(truncatingIfNeeded: number >> UInt64(shift * 8))) }
    }
}
