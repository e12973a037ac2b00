import COnnxRuntime
import Glibc
import JSON

/// Answers the server's frames until it closes the line.
struct Worker {
    private let socket: FrameSocket
    private let environment: String

    init(_ socket: FrameSocket, environment: String) {
        self.socket = socket
        self.environment = environment
    }

    func run() throws {
        let configure = try socket.receive()
        let runtime: OnnxRuntime
        do {
            runtime = try OnnxRuntime(below: environment)
            try SelfTest.run(runtime)
        } catch let failure as OnnxFailure {
            return try report(failure, to: configure.requestID)
        }
        guard unsafe configure.payload.isEmpty || onnx_worker_seal(configure.payload, configure.payload.count) == 0 else {
            return try report(OnnxFailure("the second wall was refused: error \(errno)"), to: configure.requestID)
        }
        var ready = JSONWriter()
        ready.raw("{\"onnxruntime\":")
        ready.string(runtime.version)
        ready.raw("}")
        try socket.send(Frame(kind: .ready, requestID: configure.requestID, header: ready.bytes, payload: []))
        try serve(runtime, threads: Self.threads(in: configure.header))
    }

    private func serve(_ runtime: OnnxRuntime, threads: Int32) throws {
        var model: OnnxModel?
        while true {
            let frame = try socket.receive()
            do {
                switch frame.kind {
                case .load: model = try load(frame, threads, runtime)
                case .predict:
                    guard let model else { throw OnnxFailure("no model is loaded") }
                    try predict(frame, model)
                default: throw OnnxFailure("a frame that no worker gets")
                }
            } catch let failure as OnnxFailure {
                try report(failure, to: frame.requestID)
            } catch let fault as JSONFault {
                try report(OnnxFailure("a request that cannot be read: \(fault.reason)"), to: frame.requestID)
            }
        }
    }

    private func load(_ frame: Frame, _ threads: Int32, _ runtime: OnnxRuntime) throws -> OnnxModel {
        let start = Self.now
        let descriptor = try socket.receiveDescriptors(1)[0]
        defer { close(descriptor) }
        let model = try OnnxModel(try Self.content(of: descriptor), threads: threads, runtime)
        let header = model.description(milliseconds: Self.now - start, memory: Self.memory)
        try socket.send(Frame(kind: .loaded, requestID: frame.requestID, header: header, payload: []))
        return model
    }

    private func predict(_ frame: Frame, _ model: OnnxModel) throws {
        let start = Self.now
        let answers = try model.predict(try RequestTensors(frame))
        try socket.send(AnswerFrame.make(answers, isNamed: model.namesItsOutputs, to: frame.requestID, milliseconds: Self.now - start, memory: Self.memory))
    }

    private func report(_ failure: OnnxFailure, to requestID: UInt64) throws {
        var header = JSONWriter()
        header.raw("{\"type\":")
        header.string(failure.type)
        header.raw(",\"message\":")
        header.string(String(failure.message.prefix(2000)))
        header.raw("}")
        try socket.send(Frame(kind: .error, requestID: requestID, header: header.bytes, payload: []))
    }

    // MARK: - The process

    private static func threads(in header: [UInt8]) -> Int32 {
        var scanner = JSONScanner(header)
        var threads: Int32 = 1
        try? scanner.object(
            { (scanner, key) throws(JSONFault) in
                if scanner.text(key, equals: Array("threads".utf8)) {
                    threads = Int32(exactly: try scanner.number()) ?? 1
                } else {
                    _ = try scanner.skipValue()
                }
            }, mapping: { $0 })
        return max(1, min(64, threads))
    }

    private static func content(of descriptor: Int32) throws -> [UInt8] {
        let size = Int(lseek(descriptor, 0, SEEK_END))
        guard size > 0, size <= 2 << 30 else { throw OnnxFailure("a model of \(size) bytes; at most 2 GiB are loaded") }
        return unsafe try [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
            while filled < size {
                let part = unsafe pread(descriptor, buffer.baseAddress?.advanced(by: filled), size - filled, filled)
                if part < 0, errno == EINTR { continue }
                guard part > 0 else { throw OnnxFailure("the model's file cannot be read") }
                filled += part
            }
        }
    }

    /// Milliseconds of a clock that only goes forward.
    private static var now: Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) * 1000 + Double(time.tv_nsec) / 1_000_000
    }

    /// Resident memory at its peak, MiB.
    private static var memory: Double {
        var usage = rusage()
        unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return Double(usage.ru_maxrss) / 1024
    }
}
