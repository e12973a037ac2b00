package import Domain
internal import JSON

/// Writes the answer of a prediction by hand, in the shape of the hosting contract.
package struct PredictAnswer {
    private var writer: JSONWriter
    private var hasNonFinite = false
    private let parts: AnswerParts
    private let response: InferenceResponse

    private init(_ parts: AnswerParts, _ response: InferenceResponse, capacity: Int) {
        self.parts = parts
        self.response = response
        writer = JSONWriter(capacity: capacity)
    }

    /// - Parameter milliseconds: From the arrival of the rows at the model's worker to its answer.
    /// - Throws: `predictionFailed` when the model's outputs do not fit the request.
    package static func single(
        _ response: InferenceResponse, of parts: AnswerParts, milliseconds: Double, in dialect: PredictDialect = .hosting
    ) throws -> [UInt8] {
        var answer = PredictAnswer(parts, response, capacity: 512)
        try answer.check(rows: 1)
        answer.writer.raw("{\"success\":true,\"prediction\":")
        answer.prediction(row: 0)
        if dialect == .serving {
            answer.writer.raw(",\"predictions\":")
            answer.prediction(row: 0)
        }
        if let labels = response.output(.labels) {
            answer.writer.raw(",\"label\":")
            answer.element(labels, 0)
        }
        answer.classes()
        if let probabilities = response.output(.probabilities), case .float64(let values) = probabilities.storage, let best = values.max() {
            answer.writer.raw(",\"confidence\":")
            answer.writer.number(best)
        }
        answer.end(timeName: "inference_time_ms", milliseconds, dialect)
        return answer.writer.bytes
    }

    package static func batch(
        _ response: InferenceResponse, rows: Int, of parts: AnswerParts, milliseconds: Double, in dialect: PredictDialect = .hosting
    ) throws -> [UInt8] {
        var answer = PredictAnswer(parts, response, capacity: 512 + rows * 64)
        try answer.check(rows: rows)
        answer.writer.raw("{\"success\":true,\"predictions\":[")
        for row in 0..<rows {
            if row > 0 { answer.writer.raw(",") }
            answer.prediction(row: row)
        }
        answer.writer.raw("]")
        if let labels = response.output(.labels) {
            answer.writer.raw(",\"labels\":[")
            for row in 0..<rows {
                if row > 0 { answer.writer.raw(",") }
                answer.element(labels, row)
            }
            answer.writer.raw("]")
        }
        answer.classes()
        answer.confidences(rows: rows)
        answer.end(timeName: "total_inference_time_ms", milliseconds, dialect)
        return answer.writer.bytes
    }

    private func check(rows: Int) throws {
        for output in response.outputs {
            guard output.shape.first == rows, output.count == output.storage.count else {
                throw PlatformError(.predictionFailed, "The model answered \(output.shape.first ?? 0) rows for \(rows).")
            }
        }
        if let labels = response.output(.labels), labels.storage.count != rows {
            throw PlatformError(.predictionFailed, "The model gave \(labels.storage.count) labels for \(rows) rows.")
        }
        guard !response.outputs.isEmpty else { throw PlatformError(.predictionFailed, "The model gave no output.") }
    }

    /// Probabilities, else values or answers, else the label; all outputs by name when it has others.
    private mutating func prediction(row: Int) {
        let order: [OutputName] = [.probabilities, .values, .answers, .labels]
        let response = response
        if let output = order.lazy.compactMap({ response.output($0) }).first { return rowOf(output, row) }
        for (index, output) in response.outputs.enumerated() {
            writer.raw(index == 0 ? "{" : ",")
            writer.string(output.name)
            writer.raw(":")
            rowOf(output, row)
        }
        writer.raw("}")
    }

    /// One row of an output, as arrays inside of arrays.
    private mutating func rowOf(_ output: Tensor, _ row: Int) {
        let extents = output.shape.dropFirst()
        let width = extents.reduce(1, *)
        var isFinite = true
        writer.nested(Array(extents), row * width..<(row + 1) * width) { writer, index in
            isFinite = Self.write(output, index, to: &writer) && isFinite
        }
        if !isFinite { hasNonFinite = true }
    }

    private mutating func element(_ tensor: Tensor, _ index: Int) {
        if !Self.write(tensor, index, to: &writer) { hasNonFinite = true }
    }

    /// - Returns: false for NaN and infinity, which JSON does not have.
    private static func write(_ tensor: Tensor, _ index: Int, to writer: inout JSONWriter) -> Bool {
        switch tensor.storage {
        case .float64(let values):
            writer.number(values[index])
            return values[index].isFinite
        case .int64(let values): writer.number(values[index])
        case .uint64(let values): writer.number(values[index])
        case .bool(let values): writer.raw(values[index] ? "true" : "false")
        case .strings(let texts):
            if let text = texts[index] { writer.string(text) } else { writer.raw("null") }
        case .json(let texts): writer.raw(texts[index])
        }
        return true
    }

    /// The highest probability of each row.
    private mutating func confidences(rows: Int) {
        guard let probabilities = response.output(.probabilities), case .float64(let values) = probabilities.storage, rows > 0 else { return }
        let width = values.count / rows
        writer.raw(",\"confidences\":")
        writer.array(0..<rows) { $0.number(values[($1 * width)..<(($1 + 1) * width)].max() ?? .nan) }
    }

    private mutating func classes() {
        writer.raw(parts.classes[...])
    }

    private mutating func end(timeName: StaticString, _ milliseconds: Double, _ dialect: PredictDialect) {
        writer.raw(parts.source[...])
        writer.raw(",\"")
        writer.raw(timeName)
        writer.raw("\":")
        writer.number((milliseconds * 1000).rounded() / 1000)
        if dialect == .serving {
            writer.raw(",\"processingTime\":")
            writer.number((milliseconds * 1000).rounded() / 1000)
            writer.raw(",\"status\":\"success\"")
        }
        if hasNonFinite || !response.isFinite { writer.raw(",\"warnings\":[\"NaN or infinity in the model's output is written as null.\"]") }
        writer.raw("}")
    }
}

extension Tensor {
    /// The product of the extents.
    fileprivate var count: Int { shape.reduce(1, *) }
}
