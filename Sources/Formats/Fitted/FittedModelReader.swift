package import Domain
package import Files

/// The object graph of a model file.
package struct FittedModel: Sendable {
    package let root: FittedValue
    /// Bytes of the file's content after decompression.
    package let contentBytes: Int
}

/// Reads the object graph of a model file that passed its scan, whole and with the bytes of its arrays.
///
/// Blocks and computes: call it on a thread pool.
package struct FittedModelReader: Sendable {
    /// Why a file has no graph to evaluate.
    package struct Unreadable: Error {
        package let reason: String
    }

    /// Bytes of content that are kept in memory.
    private static let maximumBytes: Int64 = 1 << 30

    package init() {}

    /// - Parameter format: `pickle`, `joblib`, `skops`, or a format of XGBoost or LightGBM.
    /// - Throws: ``Unreadable``; `storageFailure`.
    package func read(_ file: any RandomAccess, format: ModelFormat) throws -> FittedModel {
        switch format {
        case .pickle, .joblib: return try readPickle(file, format)
        case .xgboostUBJ, .xgboostJSON, .lightgbmText:
            guard file.count <= BoosterValue.maximumBytes else { throw Unreadable(reason: "a model of \(file.count) bytes") }
            return FittedModel(root: try FittedBooster.read(file, format), contentBytes: Int(file.count))
        case .skops:
            var limits = ScanLimits(fileSize: file.count)
            limits.maximumExpandedBytes = min(limits.maximumExpandedBytes, Self.maximumBytes)
            return try SkopsModelReader.read(file, limits: limits)
        default: throw Unreadable(reason: "the format \(format.rawValue)")
        }
    }

    private func readPickle(_ file: any RandomAccess, _ format: ModelFormat) throws -> FittedModel {
        guard case .content(let content) = try FormatDetector.detect(file) else { throw Unreadable(reason: "content of no known model format") }
        let plain = SequentialSource(file)
        let source: any ByteSource = try content.compression.map { try DecompressingSource(plain, $0) } ?? plain
        var limits = ScanLimits(fileSize: file.count)
        limits.maximumExpandedBytes = min(limits.maximumExpandedBytes, Self.maximumBytes)
        limits.maximumKeptArrayBytes = Int(Self.maximumBytes)
        let machine = PickleMachine(ByteReader(source, limit: limits.maximumExpandedBytes), limits: limits, loader: format == .joblib ? .joblib : .pickle)
        do {
            try machine.run()
        } catch ReadFault.limit(let what, _) {
            throw Unreadable(reason: what)
        } catch is ReadFault {
            throw Unreadable(reason: "the pickle cannot be followed to its end")
        }
        let converter = FittedConverter(machine.graph)
        return FittedModel(root: try converter.value(machine.graph.root), contentBytes: Int(machine.reader.offset))
    }
}

/// Turns the graph of a pickle into values; every node once, so that shared parts stay shared.
private final class FittedConverter {
    private static let maximumDepth = 400
    private let graph: PickleGraph
    private var done: [Int: FittedValue] = [:]
    private var arrays: [Int: FittedValue] = [:]
    private var open: Set<Int> = []

    init(_ graph: PickleGraph) {
        self.graph = graph
    }

    func value(_ value: PickleValue) throws -> FittedValue {
        switch value {
        case .none: return .none
        case .bool(let flag): return .bool(flag)
        case .int(let number): return .int(Int(number))
        case .bigInt: return .none
        case .float(let number): return .float(number)
        case .string(let index): return .string(graph.texts[index])
        case .bytes(let index): return .bytes(graph.byteStrings[index])
        case .longBytes: throw FittedModelReader.Unreadable(reason: "a byte string that is too long")
        case .global(let index): return .name(graph.globals[index].qualifiedName)
        case .array(let index):
            if let known = arrays[index] { return known }
            let converted = try array(graph.arrays[index])
            arrays[index] = converted
            return converted
        case .node(let index): return try node(index)
        }
    }

    private func node(_ index: Int) throws -> FittedValue {
        if let known = done[index] { return known }
        guard open.count < Self.maximumDepth else { throw FittedModelReader.Unreadable(reason: "objects nested deeper than \(Self.maximumDepth)") }
        // An object that holds itself: nothing that is evaluated needs the way back.
        guard open.insert(index).inserted else { return .none }
        defer { open.remove(index) }
        let converted: FittedValue
        switch graph.kind(index) {
        case .tuple, .list, .set: converted = .list(try (graph.items(.node(index)) ?? []).map(value))
        case .dictionary: converted = .dictionary(try entries(.node(index)))
        case .object(let callee, let arguments): converted = try object(index, callee, arguments)
        }
        done[index] = converted
        return converted
    }

    private func entries(_ dictionary: PickleValue) throws -> [FittedValue.Entry] {
        try graph.pairs(of: dictionary).map { FittedValue.Entry(key: try value($0.key), value: try value($0.value)) }
    }

    private func object(_ index: Int, _ callee: PickleValue, _ arguments: PickleValue) throws -> FittedValue {
        guard let name = graph.global(callee)?.qualifiedName else { throw FittedModelReader.Unreadable(reason: "a call of something computed") }
        let items = graph.items(arguments) ?? []
        switch name {
        case "numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct": return try reconstructed(index)
        case "numpy.core.numeric._frombuffer", "numpy._core.numeric._frombuffer": return try fromBuffer(items)
        case "numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar": return try scalar(items)
        case "_codecs.encode": return .bytes(latin1(items.first))
        case "builtins.bytearray", "__builtin__.bytearray": return try items.first.map(bytearray) ?? .bytes([])
        default: break
        }
        if let booster = try FittedBooster.pickled(name, state: graph.state(index).map(value)) { return booster }
        let isReconstructor = name == "copyreg._reconstructor" || name == "copy_reg._reconstructor"
        let className = isReconstructor ? graph.global(items.first)?.qualifiedName ?? name : name
        var attributes: [String: FittedValue] = [:]
        var other: FittedValue?
        if let state = graph.state(index) {
            // A pair is what copyreg writes for slots: the dictionary, then the slots.
            let parts = graph.items(state).flatMap { $0.count == 2 ? $0 : nil } ?? [state]
            for part in parts {
                for (key, item) in graph.entries(of: part) { attributes[key] = try value(item) }
            }
            if attributes.isEmpty { other = try value(state) }
        }
        return .object(
            FittedObject(className: className, arguments: isReconstructor ? [] : try items.map(value), attributes: attributes, state: other))
    }

    private func bytearray(_ value: PickleValue) throws -> FittedValue {
        if case .bytes(let index) = value { return .bytes(graph.byteStrings[index]) }
        if graph.object(value) != nil { return try self.value(value) }
        return .bytes(latin1(value))
    }

    private func latin1(_ value: PickleValue?) -> [UInt8] {
        (graph.string(value) ?? "").unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
    }

    // MARK: - Arrays

    private func array(_ array: PickleArray) throws -> FittedValue {
        if let nested = array.nested {
            return try .array(objects(try value(nested), array.shape, array.isFortranOrdered))
        }
        guard let bytes = array.bytes, let element = element(array.dtype),
            let fitted = FittedArray(element: element, shape: array.shape, isFortranOrdered: array.isFortranOrdered, bytes: bytes)
        else { throw Self.brokenArray }
        return .array(fitted)
    }

    private static let brokenArray = FittedModelReader.Unreadable(reason: "an array whose bytes do not fill its shape")

    /// `_reconstruct` with the state `(version, shape, dtype, is Fortran, data)`.
    private func reconstructed(_ index: Int) throws -> FittedValue {
        guard let state = graph.items(graph.state(index)), state.count >= 5, let shape = shape(state[1]), let element = element(state[2]) else { throw Self.brokenArray }
        let isFortran = state[3] == .bool(true) || state[3] == .int(1)
        return .array(try filled(element, shape, isFortran, try value(state[4])))
    }

    /// Protocol 5: `_frombuffer(buffer, dtype, shape, order)`.
    private func fromBuffer(_ items: [PickleValue]) throws -> FittedValue {
        guard items.count >= 4, let element = element(items[1]), let shape = shape(items[2]) else { throw Self.brokenArray }
        return .array(try filled(element, shape, graph.string(items[3]) == "F", try value(items[0])))
    }

    private func scalar(_ items: [PickleValue]) throws -> FittedValue {
        guard items.count >= 2, let element = element(items[0]) else { throw Self.brokenArray }
        let content = try value(items[1])
        if element.kind == "O" { return content }
        return .array(try filled(element, [], false, content))
    }

    private func filled(_ element: FittedArray.Element, _ shape: [Int], _ isFortran: Bool, _ content: FittedValue) throws -> FittedArray {
        if element.kind == "O" { return try objects(content, shape, isFortran) }
        let bytes: [UInt8]
        switch content {
        case .bytes(let raw): bytes = raw
        case .object(let wrapper):
            guard case .bytes(let raw)? = wrapper.arguments.first else { throw Self.brokenArray }
            bytes = raw
        default: throw Self.brokenArray
        }
        guard let array = FittedArray(element: element, shape: shape, isFortranOrdered: isFortran, bytes: bytes) else { throw Self.brokenArray }
        return array
    }

    /// Objects stand in a pickled array in the order of memory; an array that joblib pickled inside is one itself.
    private func objects(_ content: FittedValue, _ shape: [Int], _ isFortran: Bool) throws -> FittedArray {
        switch content {
        case .list(let items):
            guard let array = FittedArray(objects: items, shape: shape, isFortranOrdered: isFortran) else { throw Self.brokenArray }
            return array
        case .array(let array) where array.shape == shape: return array
        default: throw Self.brokenArray
        }
    }

    private func shape(_ value: PickleValue) -> [Int]? {
        guard let items = graph.items(value) else { return nil }
        let extents = items.compactMap { graph.int($0) }
        return extents.count == items.count ? extents : nil
    }

    // MARK: - dtype

    /// `dtype('f8', …)` with the state `(3, '<', subdtype, names, fields, size, alignment, flags)`.
    private func element(_ value: PickleValue, depth: Int = 0) -> FittedArray.Element? {
        guard depth < 4, let (index, callee, arguments) = graph.object(value), graph.global(callee)?.name == "dtype",
            let name = graph.string(graph.items(arguments)?.first), let kind = name.first
        else { return nil }
        let state = graph.items(graph.state(index)) ?? []
        let isBigEndian = state.count > 1 && graph.string(state[1]) == ">"
        var size = Int(name.dropFirst()) ?? 8
        if kind == "U" { size *= 4 }
        if state.count > 5, let declared = graph.int(state[5]), declared > 0 { size = declared }
        guard (1...1 << 20).contains(size) else { return nil }
        guard kind == "V" else { return FittedArray.Element(kind: kind, size: size, isBigEndian: isBigEndian) }
        var fields: [FittedArray.Field] = []
        for (name, description) in state.count > 4 ? graph.entries(of: state[4]).prefix(1000) : [] {
            guard let parts = graph.items(description), parts.count >= 2, let offset = graph.int(parts[1]), let inner = element(parts[0], depth: depth + 1) else {
                return nil
            }
            fields.append(FittedArray.Field(name: name, offset: offset, element: inner))
        }
        return FittedArray.Element(kind: kind, size: size, fields: fields)
    }
}
