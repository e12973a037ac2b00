import JSON

/// How the outputs of a model become an answer: label and probabilities of a classifier, a value, or every output under its name.
struct ModelOutputs {
    enum Task: String {
        case classification, regression, transformation
    }

    /// One output of an answer, its first extent the rows.
    struct Answer {
        let name: String
        var content: OnnxValue.Content
    }

    let task: Task
    /// Labels in the order of the probabilities; empty when the model does not tell them.
    private(set) var classes: [String] = []
    /// Whether the model's own names are used: it has several outputs that are no classifier's.
    let areNamed: Bool
    private let names: [String]

    init(_ ports: [OnnxSession.Port]) {
        let isClassifier = ports.count == 2 && Self.areLabels(ports[0]) && Self.mayBeProbabilities(ports[1])
        if isClassifier {
            (task, areNamed, names) = (.classification, false, ["labels", "probabilities"])
        } else if ports.count == 1 {
            (task, areNamed, names) = (Self.isValue(ports[0]) ? .regression : .transformation, false, ["values"])
        } else {
            (task, areNamed, names) = (.transformation, true, ports.map(\.name))
        }
    }

    private static func isValue(_ port: OnnxSession.Port) -> Bool {
        guard let (_, extents) = port.tensor else { return false }
        return extents.dropFirst().allSatisfy { $0 == 1 }
    }

    private static func areLabels(_ port: OnnxSession.Port) -> Bool {
        guard let (element, _) = port.tensor else { return false }
        return [.int64, .string].contains(element) && isValue(port)
    }

    /// A matrix of numbers, or a list of objects from label to number.
    private static func mayBeProbabilities(_ port: OnnxSession.Port) -> Bool {
        guard let (element, extents) = port.tensor else { return true }
        return element.isFloatingPoint && extents.count == 2
    }

    /// Takes the classes from a trial run, where the probabilities come with their labels.
    mutating func learnClasses(from contents: [OnnxValue.Content]) {
        guard task == .classification, contents.count == 2, case .sequence(let rows) = contents[1], case .map(let keys, _)? = rows.first else { return }
        switch keys {
        case .tensor(.integers(let numbers), _): classes = numbers.map(String.init)
        case .tensor(.texts(let texts), _): classes = texts.map { text in Self.json { $0.string(text ?? "") } }
        default: break
        }
    }

    /// The answers to `rows` rows of one run.
    func answers(_ contents: [OnnxValue.Content], rows: Int, isBatched: Bool) throws -> [Answer] {
        try zip(names, contents).map { name, content in
            Answer(name: name, content: try Self.aligned(content, rows: rows, isBatched: isBatched, isLabel: name == "labels"))
        }
    }

    /// The content with the rows as its first extent.
    private static func aligned(_ content: OnnxValue.Content, rows: Int, isBatched: Bool, isLabel: Bool) throws -> OnnxValue.Content {
        func extents(_ found: [Int]) throws -> [Int] {
            if isLabel, found.reduce(1, *) == rows { return [rows] }
            if isBatched, found.first == rows { return found }
            guard rows == 1 else { throw OnnxFailure("an output of the shape \(found) for \(rows) rows") }
            return [1] + found
        }
        switch content {
        case .tensor(let elements, let found): return .tensor(elements, extents: try extents(found))
        case .sequence(let items):
            if let matrix = probabilities(items), matrix.count == rows { return .tensor(.numbers(matrix.flatMap { $0 }), extents: [rows, matrix.first?.count ?? 0]) }
            return .sequence(try texts(of: items, rows: rows, isBatched: isBatched).map { .tensor(.texts([$0]), extents: [1]) })
        case .map: return .sequence([.tensor(.texts([json { write(content, to: &$0) }]), extents: [1])])
        }
    }

    /// A JSON text for each row: of tensors that each have all rows, of one item for each row, or of everything for the only row.
    private static func texts(of items: [OnnxValue.Content], rows: Int, isBatched: Bool) throws -> [String] {
        if isBatched, items.allSatisfy({ $0.extents?.first == rows }) {
            return (0..<rows).map { row in
                json { $0.array(items) { writer, item in write(item.rows(row..<row + 1, of: rows).withoutFirstExtent, to: &writer) } }
            }
        }
        if items.count == rows { return items.map { item in json { write(item, to: &$0) } } }
        guard rows == 1 else { throw OnnxFailure("a sequence of \(items.count) for \(rows) rows; send them one by one", type: "InvalidInput") }
        return [json { write(.sequence(items), to: &$0) }]
    }

    /// The rows of a sequence of maps from label to probability, all of the same labels.
    private static func probabilities(_ items: [OnnxValue.Content]) -> [[Double]]? {
        var rows: [[Double]] = []
        for item in items {
            guard case .map(_, .tensor(.numbers(let values), _)) = item, rows.isEmpty || rows[0].count == values.count else { return nil }
            rows.append(values)
        }
        return rows
    }

    // MARK: - JSON of what is no tensor

    private static func json(_ body: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        body(&writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private static func write(_ content: OnnxValue.Content, to writer: inout JSONWriter) {
        switch content {
        case .tensor(let elements, let extents): write(elements, extents, to: &writer)
        case .sequence(let items): writer.array(items) { write($1, to: &$0) }
        case .map(let keys, let values): writeMap(keys, values, to: &writer)
        }
    }

    private static func write(_ elements: TensorElements, _ extents: [Int], to writer: inout JSONWriter) {
        switch elements {
        case .numbers(let values): writer.nested(extents, values) { $0.number($1) }
        case .integers(let values): writer.nested(extents, values) { $0.number($1) }
        case .naturals(let values): writer.nested(extents, values) { $0.number($1) }
        case .flags(let values): writer.nested(extents, values) { $0.raw($1 ? "true" : "false") }
        case .texts(let values): writer.nested(extents, values) { $0.string($1 ?? "") }
        }
    }

    private static func writeMap(_ keys: OnnxValue.Content, _ values: OnnxValue.Content, to writer: inout JSONWriter) {
        let names: [String] =
            switch keys {
            case .tensor(.integers(let numbers), _): numbers.map(String.init)
            case .tensor(.texts(let texts), _): texts.map { $0 ?? "" }
            default: []
            }
        writer.raw("{")
        for (index, name) in names.enumerated() {
            if index > 0 { writer.raw(",") }
            writer.string(name)
            writer.raw(":")
            if case .tensor(let elements, _) = values { write(elements[index..<index + 1], [], to: &writer) } else { writer.raw("null") }
        }
        writer.raw("}")
    }
}
