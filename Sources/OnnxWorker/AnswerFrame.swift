import JSON

/// Writes PREDICTED: a header that describes the outputs, and their bytes.
struct AnswerFrame {
    private var header = JSONWriter(capacity: 256)
    private var payload: [UInt8] = []

    static func make(_ answers: [ModelOutputs.Answer], isNamed: Bool, to requestID: UInt64, milliseconds: Double, memory: Double) -> Frame {
        var frame = AnswerFrame()
        frame.header.raw("{\"outputs\":[")
        for (index, answer) in answers.enumerated() {
            if index > 0 { frame.header.raw(",") }
            frame.append(answer)
        }
        frame.header.raw("],\"named\":")
        frame.header.raw(isNamed ? "true" : "false")
        frame.header.raw(",\"ms\":")
        frame.header.number(milliseconds)
        frame.header.raw(",\"memory_mb\":")
        frame.header.number(memory)
        frame.header.raw("}")
        return Frame(kind: .predicted, requestID: requestID, header: frame.header.bytes, payload: frame.payload)
    }

    private mutating func append(_ answer: ModelOutputs.Answer) {
        let before = payload.count
        let (datatype, extents) = appendBytes(answer.content)
        header.raw("{\"name\":")
        header.string(answer.name)
        header.raw(",\"datatype\":")
        header.string(datatype)
        header.raw(",\"shape\":")
        header.array(extents) { $0.number(Int64($1)) }
        header.raw(",\"size\":")
        header.number(Int64(payload.count - before))
        header.raw("}")
    }

    /// - Returns: The datatype in the words of the protocol, and the extents.
    private mutating func appendBytes(_ content: OnnxValue.Content) -> (String, [Int]) {
        switch content {
        case .tensor(let elements, let extents): return (append(elements), extents)
        case .sequence(let rows):
            // One JSON text for each row.
            for case .tensor(.texts(let texts), _) in rows { for text in texts { appendText(text ?? "null") } }
            return ("JSON", [rows.count])
        case .map: return ("JSON", [0])
        }
    }

    private mutating func append(_ elements: TensorElements) -> String {
        switch elements {
        case .numbers(let values):
            unsafe values.withUnsafeBytes { unsafe payload.append(contentsOf: $0) }
            return "FP64"
        case .integers(let values):
            unsafe values.withUnsafeBytes { unsafe payload.append(contentsOf: $0) }
            return "INT64"
        case .naturals(let values):
            unsafe values.withUnsafeBytes { unsafe payload.append(contentsOf: $0) }
            return "UINT64"
        case .flags(let values):
            payload += values.map { $0 ? 1 : 0 }
            return "BOOL"
        case .texts(let texts):
            for text in texts { appendText(text ?? "") }
            return "BYTES"
        }
    }

    private mutating func appendText(_ text: String) {
        let count = UInt32(text.utf8.count)
        for shift in 0..<4 { payload.append(UInt8(truncatingIfNeeded: count >> UInt32(shift * 8))) }
        payload += text.utf8
    }
}
