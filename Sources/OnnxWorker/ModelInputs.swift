/// How the rows of a request become the inputs of a model.
///
/// The first extent of an input counts rows when it is open or 1 in all of them, or the same number in all. A model without such an extent
/// gets each row alone.
struct ModelInputs {
    /// How many rows one run takes.
    enum Batch: Equatable {
        case any
        /// A fixed number; what a request lacks is filled up with its last row.
        case exactly(Int)
        /// The inputs have no extent that counts rows.
        case none
    }

    /// What the server reads of a row: a column of numbers or text, or an array of a shape.
    struct Feature {
        let name: String
        let type: PortType
        /// nil for a single value; -1 where an extent is open.
        let extents: [Int64]?

        /// `number`, `string`, or `structure` for sequences and maps.
        var kind: String {
            switch type {
            case .tensor(.string, _): "string"
            case .tensor: "number"
            default: "structure"
            }
        }

        /// Whether it is a single number that can be NaN.
        var isFloatingPoint: Bool {
            if case .tensor(let element, _) = type { extents == nil && element.isFloatingPoint } else { false }
        }

        /// Extents of the value, or of the tensors in a sequence.
        var shownExtents: [Int64]? {
            if case .sequence(.tensor(_, let extents)) = type { extents } else { extents }
        }

        /// A smallest value of a sequence or a map, JSON.
        var zero: String { Self.zero(type) }

        private static func zero(_ type: PortType) -> String {
            switch type {
            case .tensor(let element, let extents):
                String(repeating: "[", count: extents.count) + (element == .string ? "\"\"" : "0") + String(repeating: "]", count: extents.count)
            case .sequence(let item): "[\(zero(item))]"
            case .map(_, let value): "{\"0\":\(value == .string ? "\"\"" : "0")}"
            case .other: "null"
            }
        }
    }

    let features: [Feature]
    let batch: Batch
    private let ports: [OnnxSession.Port]
    /// Whether the columns of a row are the elements of the only input.
    private let isMatrix: Bool

    /// - Throws: ``OnnxFailure`` for inputs of a kind or datatype that is not taken.
    init(_ ports: [OnnxSession.Port]) throws {
        guard !ports.isEmpty else { throw OnnxFailure("the model takes no input") }
        for port in ports where port.type.name.contains(PortType.other.name) {
            throw OnnxFailure("input '\(port.name)' is no tensor, sequence or map of numbers, booleans or text")
        }
        self.ports = ports
        batch = Self.batch(ports)
        let isBatched = batch != .none
        let rows = ports.map { Array(($0.tensor?.extents ?? []).dropFirst(isBatched ? 1 : 0)) }
        if ports.count == 1, let element = ports[0].tensor?.element, rows[0].count == 1, (1...4096).contains(rows[0][0]) {
            isMatrix = true
            features = (1...rows[0][0]).map { Feature(name: "feature\($0)", type: .tensor(element, extents: []), extents: nil) }
        } else {
            isMatrix = false
            features = zip(ports, rows).map { port, extents in
                Feature(name: port.name, type: port.type, extents: extents.allSatisfy { $0 == 1 } ? nil : extents)
            }
        }
    }

    private static func batch(_ ports: [OnnxSession.Port]) -> Batch {
        let first = ports.map { $0.tensor?.extents.first }
        guard first.allSatisfy({ $0 != nil }) else { return .none }
        let fixed = Set(first.compactMap { $0 }.filter { $0 >= 0 })
        if fixed.isEmpty { return .any }
        guard fixed.count == 1, let rows = fixed.first, rows > 0 else { return .none }
        // A single vector of a fixed length is one row, not as many rows as it is long.
        if rows > 1, ports.contains(where: { $0.tensor?.extents.count == 1 }) { return .none }
        return .exactly(Int(rows))
    }

    /// The request as ``values(of:rows:_:)`` wants it, for all of its runs.
    func arranged(_ request: RequestTensors) throws -> RequestTensors { isMatrix ? try request.asMatrix(features.map(\.name)) : request }

    /// The values of all inputs for some rows of a request that was arranged.
    func values(of request: RequestTensors, rows: Range<Int>, _ runtime: OnnxRuntime) throws -> [OnnxValue] {
        try ports.enumerated().map { index, port in
            let (column, width, inner) = try column(request, index, port)
            let elements = column[rows.lowerBound * width..<rows.upperBound * width]
            guard let type = port.tensor?.element else {
                guard case .texts(let json) = elements, json.count == 1 else { throw OnnxFailure("a request that contradicts itself") }
                return try StructuredValue(for: port.name, runtime).value(json[0] ?? "null", port.type)
            }
            let extents = batch == .none ? inner : [Int64(rows.count)] + inner
            return try OnnxValue(elements, extents: extents, type: type, input: port.name, runtime)
        }
    }

    /// All elements of an input, how many a row has, and the extents of a row.
    private func column(_ request: RequestTensors, _ index: Int, _ port: OnnxSession.Port) throws -> (TensorElements, Int, [Int64]) {
        let open = (port.tensor?.extents ?? []).dropFirst(batch == .none ? 0 : 1)
        if isMatrix { return (request.matrix, features.count, [Int64(features.count)]) }
        let column = try request.column(features[index].name, at: index, of: features.count)
        guard features[index].extents != nil else { return (column.content, 1, open.map { _ in 1 }) }
        return (column.content, column.extents.reduce(1, *), column.extents.map { Int64($0) })
    }
}
