import COnnxRuntime
import Glibc
import JSON

/// The one model of this process: described once, then asked again and again.
final class OnnxModel {
    private let runtime: OnnxRuntime
    private let session: OnnxSession
    private let inputs: ModelInputs
    private var outputs: ModelOutputs
    private let hasClassicalOperators: Bool
    private static let largeModel = 1 << 20

    /// - Parameters:
    ///   - bytes: The model file.
    ///   - threads: What one operator of a large model may use.
    init(_ bytes: [UInt8], threads: Int32, _ runtime: OnnxRuntime) throws {
        self.runtime = runtime
        session = try OnnxSession(bytes, threads: bytes.count >= Self.largeModel ? threads : 1, runtime)
        inputs = try ModelInputs(session.inputs)
        outputs = ModelOutputs(session.outputs)
        hasClassicalOperators = unsafe onnx_worker_finds(bytes, bytes.count, "ai.onnx.ml") != 0
        if outputs.task == .classification, let trial = try? run(inputs.arranged(RequestTensors(zerosFor: inputs.features)), 0..<1) { outputs.learnClasses(from: trial) }
    }

    /// Whether the outputs go out under the model's own names.
    var namesItsOutputs: Bool { outputs.areNamed }

    /// LOADED's header.
    func description(milliseconds: Double, memory: Double) -> [UInt8] {
        var writer = JSONWriter(capacity: 1024)
        writer.raw("{\"features\":")
        writer.array(inputs.features) { writer, feature in
            writer.raw("{\"name\":")
            writer.string(feature.name)
            writer.raw(",\"kind\":")
            writer.string(feature.kind)
            // Trees and imputers take missing values as NaN; a network would only answer NaN.
            writer.raw(",\"nullable\":")
            writer.raw(hasClassicalOperators && feature.isFloatingPoint ? "true" : "false")
            writer.raw(",\"datatype\":")
            writer.string(feature.type.name)
            if let extents = feature.shownExtents {
                writer.raw(",\"shape\":")
                writer.array(extents) { if $1 < 0 { $0.raw("null") } else { $0.number($1) } }
            }
            writer.raw("}")
        }
        writer.raw(",\"task\":")
        writer.string(outputs.task.rawValue)
        writer.raw(",\"classes\":")
        writer.array(outputs.classes) { $0.raw($1) }
        writer.raw(",\"probabilities\":")
        writer.raw(outputs.task == .classification ? "true" : "false")
        writer.raw(",\"class_name\":\"onnx\",\"warnings\":[],\"load_ms\":")
        writer.number(milliseconds)
        writer.raw(",\"memory_mb\":")
        writer.number(memory)
        writer.raw("}")
        return writer.bytes
    }

    /// Runs the rows of a request in as many calls as the model's batch asks for.
    func predict(_ request: RequestTensors) throws -> [ModelOutputs.Answer] {
        let step =
            switch inputs.batch {
            case .any: max(1, request.rows)
            case .exactly(let rows): rows
            case .none: 1
            }
        guard request.rows > 0 else { throw OnnxFailure("a request without rows") }
        let request = try inputs.arranged(request)
        var parts: [[ModelOutputs.Answer]] = []
        for start in stride(from: 0, to: request.rows, by: step) {
            let rows = start..<min(start + step, request.rows)
            var contents: [OnnxValue.Content]
            if case .exactly(let fixed) = inputs.batch, rows.count < fixed {
                contents = try run(request.padded(from: start, to: fixed), 0..<fixed)
                contents = contents.map { $0.rows(0..<rows.count, of: fixed) }
            } else {
                contents = try run(request, rows)
            }
            parts.append(try outputs.answers(contents, rows: rows.count, isBatched: inputs.batch != .none))
        }
        return try Self.joined(parts[...])
    }

    /// The answers of all runs in their order, put together by halves: one by one, each would copy all before it.
    private static func joined(_ parts: ArraySlice<[ModelOutputs.Answer]>) throws -> [ModelOutputs.Answer] {
        guard parts.count > 1 else { return parts.first ?? [] }
        let middle = parts.startIndex + parts.count / 2
        return try zip(joined(parts[..<middle]), joined(parts[middle...])).map { ModelOutputs.Answer(name: $0.name, content: try $0.content.appending($1.content)) }
    }

    private func run(_ request: RequestTensors, _ rows: Range<Int>) throws -> [OnnxValue.Content] {
        try session.run(try inputs.values(of: request, rows: rows, runtime))
    }
}
