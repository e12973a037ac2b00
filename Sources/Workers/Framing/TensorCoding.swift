internal import Domain
internal import JSON
internal import NIOCore

/// Writes requests and reads answers without Foundation: this is the predict path.
enum TensorCoding {
    private static let missing = UInt32.max
    private static let maximumRank = 32

    static func encode(_ request: InferenceRequest) -> (header: [UInt8], payload: ByteBuffer) {
        var header = JSONWriter(capacity: 64 + request.inputs.count * 64)
        var payload = ByteBuffer()
        header.raw("{\"inputs\":")
        header.array(request.inputs) { writer, tensor in
            let before = payload.writerIndex
            write(tensor.storage, into: &payload)
            writer.raw("{\"name\":")
            writer.string(tensor.name)
            writer.raw(",\"datatype\":\"")
            writer.raw(datatype(tensor.storage))
            writer.raw("\",\"shape\":")
            writer.array(tensor.shape) { $0.number(Int64($1)) }
            writer.raw(",\"size\":")
            writer.number(Int64(payload.writerIndex - before))
            writer.raw("}")
        }
        header.raw("}")
        return (header.bytes, payload)
    }

    /// - Throws: `predictionFailed` when the worker's answer contradicts itself.
    static func decode(_ frame: WorkerFrame) throws -> (response: InferenceResponse, memoryMebibytes: Double) {
        var scanner = JSONScanner(frame.header)
        var payload = frame.payload
        var outputs: [Tensor] = []
        var milliseconds = 0.0
        var memory = 0.0
        var isFinite = true
        var isNamed = false
        do {
            try scanner.object(
                { (scanner, key) throws(JSONFault) in
                    if scanner.text(key, equals: Keys.ms) {
                        milliseconds = try scanner.number()
                    } else if scanner.text(key, equals: Keys.memory) {
                        memory = try scanner.number()
                    } else if scanner.text(key, equals: Keys.named) {
                        isNamed = scanner.peek() == UInt8(ascii: "t")
                        _ = try scanner.skipValue()
                    } else if scanner.text(key, equals: Keys.outputs) {
                        try scanner.array({ (scanner, _) throws(JSONFault) in outputs.append(try output(&scanner, &payload, &isFinite)) }, mapping: { $0 })
                    } else {
                        _ = try scanner.skipValue()
                    }
                }, mapping: { $0 })
        } catch {
            throw PlatformError(.predictionFailed, "The worker's answer cannot be read.", cause: error)
        }
        return (InferenceResponse(outputs: outputs, modelMilliseconds: milliseconds, isFinite: isFinite, isNamed: isNamed), memory)
    }

    private enum Keys {
        static let ms = Array("ms".utf8)
        static let memory = Array("memory_mb".utf8)
        static let named = Array("named".utf8)
        static let outputs = Array("outputs".utf8)
        static let name = Array("name".utf8)
        static let datatype = Array("datatype".utf8)
        static let shape = Array("shape".utf8)
        static let size = Array("size".utf8)
        static let nonFinite = Array("non_finite".utf8)
    }

    private static func output(_ scanner: inout JSONScanner, _ payload: inout ByteBuffer, _ isFinite: inout Bool) throws(JSONFault) -> Tensor {
        var name = ""
        var datatype = ""
        var shape: [Int] = []
        var size = 0
        try scanner.object(
            { (scanner, key) throws(JSONFault) in
                if scanner.text(key, equals: Keys.name) {
                    name = try scanner.string(try scanner.text())
                } else if scanner.text(key, equals: Keys.datatype) {
                    datatype = try scanner.string(try scanner.text())
                } else if scanner.text(key, equals: Keys.shape) {
                    try scanner.array({ (scanner, _) throws(JSONFault) in shape.append(try size32(&scanner)) }, mapping: { $0 })
                } else if scanner.text(key, equals: Keys.size) {
                    size = try size32(&scanner)
                } else if scanner.text(key, equals: Keys.nonFinite) {
                    if scanner.peek() == UInt8(ascii: "t") { isFinite = false }
                    _ = try scanner.skipValue()
                } else {
                    _ = try scanner.skipValue()
                }
            }, mapping: { $0 })
        guard var bytes = payload.readSlice(length: size), let storage = read(datatype, shape: shape, from: &bytes) else {
            throw scanner.fault("an output whose bytes do not fit its shape")
        }
        return Tensor(name: name, shape: shape, storage: storage)
    }

    private static func size32(_ scanner: inout JSONScanner) throws(JSONFault) -> Int {
        guard let size = Int(exactly: try scanner.number()), size >= 0, size <= 1 << 30 else { throw scanner.fault("a size") }
        return size
    }

    private static func read(_ datatype: String, shape: [Int], from bytes: inout ByteBuffer) -> Tensor.Storage? {
        guard shape.count <= maximumRank else { return nil }
        // An extent of zero must not hide what the others are.
        var largest = 1
        for extent in shape {
            let (product, overflow) = largest.multipliedReportingOverflow(by: max(1, extent))
            guard !overflow, product <= 1 << 30 else { return nil }
            largest = product
        }
        let count = shape.contains(0) ? 0 : largest
        switch datatype {
        case "FP64":
            guard bytes.readableBytes == count * 8 else { return nil }
            return .float64(
                unsafe [Double](unsafeUninitializedCapacity: count) { buffer, filled in
                    unsafe bytes.withUnsafeReadableBytes { unsafe UnsafeMutableRawBufferPointer(buffer).copyMemory(from: $0) }
                    filled = count
                })
        case "INT64":
            guard bytes.readableBytes == count * 8 else { return nil }
            return .int64((0..<count).map { _ in bytes.readInteger(endianness: .little) ?? 0 })
        case "UINT64":
            guard bytes.readableBytes == count * 8 else { return nil }
            return .uint64((0..<count).map { _ in bytes.readInteger(endianness: .little) ?? 0 })
        case "BOOL":
            guard bytes.readableBytes == count else { return nil }
            return .bool((0..<count).map { _ in bytes.readInteger(as: UInt8.self) == 1 })
        case "BYTES": return texts(count, &bytes).map { .strings($0) }
        case "JSON":
            guard let texts = texts(count, &bytes)?.map({ $0 ?? "null" }), texts.allSatisfy(isJSON) else { return nil }
            return .json(texts)
        default: return nil
        }
    }

    /// The text goes into the answer as it is: a worker that is not ours any more must not be able to end it there.
    private static func isJSON(_ text: String) -> Bool {
        var scanner = JSONScanner(Array(text.utf8))
        do {
            _ = try scanner.skipValue()
            try scanner.expectEnd()
            return true
        } catch {
            return false
        }
    }

    private static func texts(_ count: Int, _ bytes: inout ByteBuffer) -> [String?]? {
        var texts: [String?] = []
        guard count <= bytes.readableBytes else { return nil }
        for _ in 0..<count {
            guard let length: UInt32 = bytes.readInteger(endianness: .little) else { return nil }
            if length == missing {
                texts.append(nil)
            } else {
                guard let text = bytes.readString(length: Int(length)) else { return nil }
                texts.append(text)
            }
        }
        return texts
    }

    private static func write(_ storage: Tensor.Storage, into buffer: inout ByteBuffer) {
        switch storage {
        case .float64(let values):
            unsafe values.withUnsafeBytes { unsafe _ = buffer.writeBytes($0) }
        case .int64(let values):
            for value in values { buffer.writeInteger(value, endianness: .little) }
        case .uint64(let values):
            for value in values { buffer.writeInteger(value, endianness: .little) }
        case .bool(let values):
            for value in values { buffer.writeInteger(UInt8(value ? 1 : 0)) }
        case .strings(let texts):
            for text in texts { write(text, into: &buffer) }
        case .json(let texts):
            for text in texts { write(text, into: &buffer) }
        }
    }

    private static func write(_ text: String?, into buffer: inout ByteBuffer) {
        guard let text else {
            buffer.writeInteger(missing, endianness: .little)
            return
        }
        buffer.writeInteger(UInt32(text.utf8.count), endianness: .little)
        buffer.writeString(text)
    }

    private static func datatype(_ storage: Tensor.Storage) -> String {
        switch storage {
        case .float64: "FP64"
        case .int64: "INT64"
        case .uint64: "UINT64"
        case .bool: "BOOL"
        case .strings: "BYTES"
        case .json: "JSON"
        }
    }
}
