import Domain
internal import Files

/// Reads TensorFlow Lite models. https://github.com/tensorflow/tensorflow/blob/master/tensorflow/compiler/mlir/lite/schema/schema.fbs
struct TFLiteScanner {
    static func matches(_ head: [UInt8]) -> Bool { head.dropFirst(4).starts(with: Array("TFL3".utf8)) }

    func read(_ subject: ScanSubject, _ session: ScanSession) throws -> ArtifactFacts {
        var facts = ArtifactFacts()
        facts.framework = "tflite"
        do {
            try read(FlatbufferReader(bytes: subject.bytes), &facts, subject, session)
        } catch ReadFault.truncated(let place) {
            session.add(.tfliteBounds, "an offset at \(place)", at: place, in: subject)
        }
        return facts
    }

    private func read(_ reader: FlatbufferReader, _ facts: inout ArtifactFacts, _ subject: ScanSubject, _ session: ScanSession) throws {
        let model = try reader.root()
        facts.frameworkVersion = "schema \(try reader.number(model, 0, width: 4))"
        let buffers = try reader.tables(model, 4)
        let sizes = try buffers.map { try bufferSize($0, reader, subject) }
        for code in try reader.tables(model, 1) {
            // Older files have the code in one byte (0), newer ones in four (3).
            let builtin = max(try reader.number(code, 0, width: 1), try reader.number(code, 3, width: 4))
            if builtin == 32 {
                let name = try reader.text(code, 1) ?? "?"
                facts.operators["custom.\(name)", default: 0] += 1
                session.add(.tfliteCustom, name, in: subject)
            } else {
                facts.operators["\(builtin)", default: 0] += 1
            }
        }
        for (index, graph) in try reader.tables(model, 2, limit: 10_000).enumerated() {
            try read(graph, isMain: index == 0, sizes, reader, &facts, subject, session)
        }
    }

    /// Bytes of a buffer, inside the flatbuffer or (fields 1 and 2) behind it.
    private func bufferSize(_ buffer: FlatbufferReader.Table, _ reader: FlatbufferReader, _ subject: ScanSubject) throws -> Int64 {
        let offset = try reader.number(buffer, 1, width: 8)
        guard offset > 1 else { return Int64(try reader.byteCount(buffer, 0) ?? 0) }
        let size = try reader.number(buffer, 2, width: 8)
        _ = try subject.bytes.slice(at: offset, length: size)
        return size
    }

    private func read(
        _ graph: FlatbufferReader.Table, isMain: Bool, _ sizes: [Int64], _ reader: FlatbufferReader, _ facts: inout ArtifactFacts,
        _ subject: ScanSubject, _ session: ScanSession
    ) throws {
        var tensors: [TensorFact] = []
        for tensor in try reader.tables(graph, 0) {
            let shape = try reader.integers(tensor, 0, limit: 64).map { Int($0) }
            let type = Self.types[Int(try reader.number(tensor, 1, width: 1))]
            let buffer = try reader.number(tensor, 2, width: 4)
            let fact = TensorFact(name: try reader.text(tensor, 3) ?? "", datatype: type?.name ?? "unknown", shape: shape.map { $0 < 0 ? nil : $0 })
            tensors.append(fact)
            guard buffer >= 0, buffer < sizes.count else {
                session.add(.tfliteBounds, "'\(fact.name)' in buffer \(buffer) of \(sizes.count)", in: subject)
                continue
            }
            let size = sizes[Int(buffer)]
            let elements = shape.reduce(Int64?(1)) { total, extent in
                guard let total, extent >= 0 else { return nil }
                let (product, overflow) = total.multipliedReportingOverflow(by: Int64(extent))
                return overflow ? nil : product
            }
            if size > 0, let width = type?.bytes, width > 0, elements.map({ $0 != size / width || size % width != 0 }) ?? true {
                session.add(.graphShape, "'\(fact.name)' \(shape) of \(fact.datatype) in \(size) bytes", in: subject)
            }
            if size > 0 { facts.parameterCount = (facts.parameterCount ?? 0) &+ Int(clamping: elements ?? 0) }
        }
        let (inputs, outputs) = (try reader.integers(graph, 1), try reader.integers(graph, 2))
        for index in inputs + outputs where index < 0 || index >= tensors.count {
            return session.add(.tfliteBounds, "tensor \(index) of \(tensors.count)", in: subject)
        }
        if isMain {
            facts.inputs = inputs.map { tensors[Int($0)] }
            facts.outputs = outputs.map { tensors[Int($0)] }
        }
        for node in try reader.tables(graph, 3) {
            for index in try reader.integers(node, 1) + reader.integers(node, 2) where index < -1 || index >= tensors.count {
                return session.add(.tfliteBounds, "tensor \(index) of \(tensors.count)", in: subject)
            }
        }
    }

    /// Name and bytes of an element by TensorType; 0: not of one size.
    private static let types: [Int: (name: String, bytes: Int64)] = [
        0: ("float32", 4), 1: ("float16", 2), 2: ("int32", 4), 3: ("uint8", 1), 4: ("int64", 8), 5: ("string", 0), 6: ("bool", 1), 7: ("int16", 2),
        8: ("complex64", 8), 9: ("int8", 1), 10: ("float64", 8), 11: ("complex128", 16), 12: ("uint64", 8), 13: ("resource", 0), 14: ("variant", 0),
        15: ("uint32", 4), 16: ("uint16", 2), 17: ("int4", 0), 18: ("bfloat16", 2),
    ]
}
