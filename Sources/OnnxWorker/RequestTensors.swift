import JSON

/// The tensors of a request, as `Sources/Workers/Framing/TensorCoding.swift` writes them.
struct RequestTensors {
    private struct Tensor {
        var name = ""
        var extents: [Int] = []
        var datatype = ""
        var size = 0
        var content = TensorElements.numbers([])
    }

    private static let matrixName = "input"
    private(set) var rows: Int
    private var tensors: [Tensor] = []

    init(_ frame: Frame) throws {
        var scanner = JSONScanner(frame.header)
        var found: [Tensor] = []
        try scanner.object(
            { (scanner, key) throws(JSONFault) in
                guard scanner.text(key, equals: Array("inputs".utf8)) else {
                    _ = try scanner.skipValue()
                    return
                }
                try scanner.array({ (scanner, _) throws(JSONFault) in found.append(try Self.description(&scanner)) }, mapping: { $0 })
            }, mapping: { $0 })
        var place = 0
        for index in found.indices {
            let end = place + found[index].size
            guard end <= frame.payload.count else { throw OnnxFailure("a request that contradicts itself") }
            found[index].content = try Self.content(found[index], frame.payload[place..<end])
            place = end
        }
        tensors = found
        rows = found.first?.extents.first ?? 0
    }

    /// The request with all columns side by side, as one matrix.
    func asMatrix(_ names: [String]) throws -> RequestTensors {
        if tensors.count == 1, tensors[0].name == Self.matrixName { return self }
        let columns = try names.enumerated().map { index, name in try column(name, at: index, of: names.count).content }
        guard let content = TensorElements.sideBySide(columns, rows: rows) else { throw OnnxFailure("columns of different kinds in one tensor") }
        var request = self
        request.tensors = [Tensor(name: Self.matrixName, extents: [rows, names.count], content: content)]
        return request
    }

    /// What ``asMatrix(_:)`` gave.
    var matrix: TensorElements { tensors[0].content }

    /// A column by its name; of a matrix by its place.
    func column(_ name: String, at index: Int, of count: Int) throws -> (content: TensorElements, extents: [Int]) {
        // Single numbers come as one matrix, whose name an input may have as well.
        if count > 1, tensors.count == 1, tensors[0].extents == [rows, count], case .numbers(let matrix) = tensors[0].content {
            return (.numbers((0..<rows).map { matrix[$0 * count + index] }), [])
        }
        if index < tensors.count, tensors[index].name == name { return (tensors[index].content, Array(tensors[index].extents.dropFirst())) }
        guard let tensor = tensors.first(where: { $0.name == name }) ?? (tensors.count == count ? tensors[index] : nil) else {
            throw OnnxFailure("the input '\(name)' is missing")
        }
        return (tensor.content, Array(tensor.extents.dropFirst()))
    }

    // MARK: - Reading

    private static func description(_ scanner: inout JSONScanner) throws(JSONFault) -> Tensor {
        var tensor = Tensor()
        try scanner.object(
            { (scanner, key) throws(JSONFault) in
                switch try scanner.string(key) {
                case "name": tensor.name = try scanner.string(try scanner.text())
                case "datatype": tensor.datatype = try scanner.string(try scanner.text())
                case "size": tensor.size = try size(&scanner)
                case "shape": try scanner.array({ (scanner, _) throws(JSONFault) in tensor.extents.append(try size(&scanner)) }, mapping: { $0 })
                default: _ = try scanner.skipValue()
                }
            }, mapping: { $0 })
        return tensor
    }

    private static func size(_ scanner: inout JSONScanner) throws(JSONFault) -> Int {
        guard let size = Int(exactly: try scanner.number()), (0...1 << 30).contains(size) else { throw scanner.fault("a size") }
        return size
    }

    private static func content(_ tensor: Tensor, _ bytes: ArraySlice<UInt8>) throws -> TensorElements {
        let count = tensor.extents.reduce(1, *)
        switch tensor.datatype {
        case "FP64":
            guard bytes.count == count * 8 else { throw OnnxFailure("a request that contradicts itself") }
            return .numbers(copied(bytes, count))
        case "INT64":
            guard bytes.count == count * 8 else { throw OnnxFailure("a request that contradicts itself") }
            return .integers(copied(bytes, count))
        case "UINT64":
            guard bytes.count == count * 8 else { throw OnnxFailure("a request that contradicts itself") }
            return .naturals(copied(bytes, count))
        case "BYTES", "JSON": return .texts(try texts(count, bytes))
        default: throw OnnxFailure("a tensor of \(tensor.datatype)")
        }
    }

    private static func copied<Element: BitwiseCopyable>(_ bytes: ArraySlice<UInt8>, _ count: Int) -> [Element] {
        unsafe [Element](unsafeUninitializedCapacity: count) { buffer, filled in
            unsafe UnsafeMutableRawBufferPointer(buffer).copyBytes(from: bytes)
            filled = count
        }
    }

    /// Each text is a length of 4 bytes and UTF-8; the largest length marks a missing one.
    private static func texts(_ count: Int, _ bytes: ArraySlice<UInt8>) throws -> [String?] {
        var rest = bytes
        return try (0..<count).map { _ in
            guard rest.count >= 4 else { throw OnnxFailure("a request that contradicts itself") }
            let length = rest.prefix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            rest = rest.dropFirst(4)
            if length == .max { return nil }
            guard rest.count >= Int(length) else { throw OnnxFailure("a request that contradicts itself") }
            defer { rest = rest.dropFirst(Int(length)) }
            return String(decoding: rest.prefix(Int(length)), as: UTF8.self)
        }
    }
}

// MARK: - Rows that nobody sent

extension RequestTensors {
    /// One row of zeros and empty texts, each open extent 1: to see what a model answers with.
    init(zerosFor features: [ModelInputs.Feature]) {
        rows = 1
        tensors = features.map { feature in
            let extents = (feature.extents ?? []).map { Int(max(1, $0)) }
            let count = extents.reduce(1, *)
            let content: TensorElements =
                switch feature.type {
                case .tensor(.string, _): .texts(Array(repeating: "", count: count))
                case .tensor: .numbers(Array(repeating: 0, count: count))
                default: .texts([feature.zero])
                }
            return Tensor(name: feature.name, extents: [1] + extents, content: content)
        }
    }

    /// The rows from `start` on, and copies of the last one until there are `count`.
    func padded(from start: Int, to count: Int) -> RequestTensors {
        var padded = self
        padded.rows = count
        for index in tensors.indices {
            let width = tensors[index].extents.dropFirst().reduce(1, *)
            let content = tensors[index].content
            let last = content[max(0, content.count - width)..<content.count]
            padded.tensors[index].extents[0] = count
            padded.tensors[index].content = content[start * width..<content.count].appending(last.repeated(count - (rows - start))) ?? content
        }
        return padded
    }
}
