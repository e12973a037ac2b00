import JSON

/// Makes the sequences and maps that a model takes, of the JSON that a caller sent.
struct StructuredValue {
    private let runtime: OnnxRuntime
    private let input: String

    init(for input: String, _ runtime: OnnxRuntime) {
        self.input = input
        self.runtime = runtime
    }

    /// - Parameter json: A list of tensors or of objects for a sequence, an object for a map.
    /// - Throws: ``OnnxFailure`` for what the type does not take.
    func value(_ json: String, _ type: PortType) throws -> OnnxValue {
        var scanner = JSONScanner(Array(json.utf8))
        do {
            return try value(&scanner, type)
        } catch let fault as JSONFault {
            throw refused("\(type.name), found other JSON: \(fault.reason)")
        }
    }

    private func value(_ scanner: inout JSONScanner, _ type: PortType) throws -> OnnxValue {
        switch type {
        case .sequence(let item): try sequence(&scanner, of: item)
        case .map(let key, let value): try map(&scanner, key, value)
        case .tensor(let element, let extents): try tensor(&scanner, element, rank: extents.count)
        case .other: throw OnnxFailure("input '\(input)' is of a kind that is not taken")
        }
    }

    private func sequence(_ scanner: inout JSONScanner, of type: PortType) throws -> OnnxValue {
        var items: [OnnxValue] = []
        try scanner.array({ scanner, _ in items.append(try value(&scanner, type)) }, mapping: { $0 })
        guard !items.isEmpty else { throw refused("a list with at least one element") }
        return try OnnxValue(items, kind: .sequence, runtime)
    }

    private func map(_ scanner: inout JSONScanner, _ key: ElementType, _ type: ElementType) throws -> OnnxValue {
        var keys: [String] = []
        var values = ElementList(type)
        try scanner.object(
            { scanner, name in
                keys.append(try scanner.string(name))
                guard try values.read(&scanner) else { throw refused("an object with values of the type \(type.name)") }
            }, mapping: { $0 })
        let extents = [Int64(keys.count)]
        let names: TensorElements =
            key == .string
            ? .texts(keys)
            : .integers(
                try keys.map { text in
                    guard let number = Int64(text) else { throw refused("an object whose keys are whole numbers") }
                    return number
                })
        let parts = [
            try OnnxValue(names, extents: extents, type: key, input: input, runtime), try OnnxValue(values.elements, extents: extents, type: type, input: input, runtime),
        ]
        return try OnnxValue(parts, kind: .map, runtime)
    }

    private func tensor(_ scanner: inout JSONScanner, _ type: ElementType, rank: Int) throws -> OnnxValue {
        var list = ElementList(type)
        var extents = [Int64?](repeating: nil, count: rank)
        try elements(&scanner, &list, &extents, level: 0)
        return try OnnxValue(list.elements, extents: extents.map { $0 ?? 0 }, type: type, input: input, runtime)
    }

    private func elements(_ scanner: inout JSONScanner, _ list: inout ElementList, _ extents: inout [Int64?], level: Int) throws {
        guard level < extents.count else {
            guard try list.read(&scanner) else { throw refused("arrays of \(extents.count) levels with elements of its type") }
            return
        }
        var count: Int64 = 0
        try scanner.array(
            { scanner, _ in
                count += 1
                try elements(&scanner, &list, &extents, level: level + 1)
            }, mapping: { $0 })
        guard extents[level] ?? count == count else { throw refused("arrays of the same length at each level") }
        extents[level] = count
    }

    private func refused(_ wanted: String) -> OnnxFailure {
        OnnxFailure("input '\(input)' takes \(wanted)", type: "InvalidInput")
    }
}

/// Elements of one datatype on their way from JSON into a tensor.
private struct ElementList {
    private(set) var elements: TensorElements

    init(_ type: ElementType) {
        elements =
            switch type {
            case .string: .texts([])
            case .int64: .integers([])
            case .uint64: .naturals([])
            case .bool: .flags([])
            default: .numbers([])
            }
    }

    /// - Returns: false for an element of another type.
    mutating func read(_ scanner: inout JSONScanner) throws -> Bool {
        switch elements {
        case .numbers(var values):
            elements = .numbers([])
            values.append(try scanner.number())
            elements = .numbers(values)
        case .integers(var values):
            guard let value: Int64 = try scanner.integer() else { return false }
            elements = .integers([])
            values.append(value)
            elements = .integers(values)
        case .naturals(var values):
            guard let value: UInt64 = try scanner.integer() else { return false }
            elements = .naturals([])
            values.append(value)
            elements = .naturals(values)
        case .flags(var values):
            let isTrue = scanner.literal("true")
            let flag = try isTrue || scanner.literal("false") ? isTrue : scanner.number() != 0
            elements = .flags([])
            values.append(flag)
            elements = .flags(values)
        case .texts(var values):
            elements = .texts([])
            values.append(try scanner.string(try scanner.text()))
            elements = .texts(values)
        }
        return true
    }
}
