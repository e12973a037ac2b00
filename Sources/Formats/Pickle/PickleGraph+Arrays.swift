import Domain

extension PickleGraph {
    /// Names and labels that are worth showing; more of them are left out.
    private static let maximumElements = 100_000

    /// The elements of a one-dimensional array or list of plain values; nil when it is anything else or too large.
    func elements(of value: PickleValue?) -> [JSONValue]? {
        switch value {
        case .array(let index):
            let array = arrays[index]
            guard array.shape.count == 1 else { return nil }
            if let nested = array.nested { return elements(of: nested) }
            return array.bytes.flatMap { decode($0, type: array.type, isBigEndian: array.isBigEndian) }
        case .node(let index):
            if let items = items(value) { return plainElements(items) }
            return numpyElements(index)
        default:
            return nil
        }
    }

    /// `numpy.ndarray.__reduce__`: `_reconstruct(ndarray, (0,), b'b')` with the state `(1, shape, dtype, fortran, data)`.
    private func numpyElements(_ index: Int) -> [JSONValue]? {
        guard case .object(let callee, let arguments) = kind(index) else { return nil }
        if global(callee)?.name == "_frombuffer" { return frombufferElements(items(arguments)) }
        guard global(callee)?.name == "_reconstruct", let state = items(state(index)), state.count >= 5,
            items(state[1])?.count == 1, let (type, isBigEndian) = dtype(state[2])
        else { return nil }
        return contents(state[4], type: type, isBigEndian: isBigEndian)
    }

    /// Protocol 5: `_frombuffer(buffer, dtype, shape, order)`.
    private func frombufferElements(_ arguments: [PickleValue]?) -> [JSONValue]? {
        guard let arguments, arguments.count >= 3, items(arguments[2])?.count == 1, let (type, isBigEndian) = dtype(arguments[1]) else { return nil }
        return contents(arguments[0], type: type, isBigEndian: isBigEndian)
    }

    private func contents(_ value: PickleValue, type: String, isBigEndian: Bool) -> [JSONValue]? {
        if type.hasPrefix("O") { return items(value).flatMap(plainElements) }
        return bytes(value).flatMap { decode($0, type: type, isBigEndian: isBigEndian) }
    }

    /// Bytes, also as protocol 0 to 2 write them: `_codecs.encode(text, 'latin1')`.
    private func bytes(_ value: PickleValue) -> [UInt8]? {
        if case .bytes(let index) = value { return byteStrings[index] }
        guard let (_, callee, arguments) = object(value) else { return nil }
        guard global(callee)?.qualifiedName == "_codecs.encode" else { return items(arguments)?.first.flatMap { $0 == value ? nil : bytes($0) } }
        return string(items(arguments)?.first).map { $0.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) } }
    }

    private func dtype(_ value: PickleValue) -> (type: String, isBigEndian: Bool)? {
        guard let (index, callee, arguments) = object(value), global(callee)?.name == "dtype",
            let name = string(items(arguments)?.first)
        else { return nil }
        let order = items(state(index)).flatMap { $0.count > 1 ? string($0[1]) : nil }
        return (name, order == ">")
    }

    private func plainElements(_ items: [PickleValue]) -> [JSONValue]? {
        guard items.count <= Self.maximumElements else { return nil }
        var elements: [JSONValue] = []
        for item in items {
            switch item {
            case .bool(let flag): elements.append(.bool(flag))
            case .int(let number): elements.append(.int(number))
            case .float(let number): elements.append(.double(number))
            case .string(let index): elements.append(.string(texts[index]))
            default: return nil
            }
        }
        return elements
    }

    /// Raw elements of the types that labels and names have: integers, floats, booleans and fixed-width Unicode.
    private func decode(_ bytes: [UInt8], type: String, isBigEndian: Bool) -> [JSONValue]? {
        guard let kind = type.first, let count = Int(type.dropFirst()), (1...4096).contains(count) else { return nil }
        let width = kind == "U" ? count * 4 : count
        guard bytes.count / width <= Self.maximumElements, bytes.count.isMultiple(of: width) else { return nil }
        return stride(from: 0, to: bytes.count, by: width).reduce(into: [JSONValue]?([])) { elements, start in
            let element = decodeElement(bytes[start..<start + width], kind: kind, isBigEndian: isBigEndian)
            if let element { elements?.append(element) } else { elements = nil }
        }
    }

    private func decodeElement(_ bytes: ArraySlice<UInt8>, kind: Character, isBigEndian: Bool) -> JSONValue? {
        func number(_ slice: ArraySlice<UInt8>) -> UInt64 {
            let ordered = isBigEndian ? Array(slice) : slice.reversed()
            return ordered.reduce(0) { $0 << 8 | UInt64($1) }
        }
        switch (kind, bytes.count) {
        case ("b", 1): return .bool(bytes.first != 0)
        case ("i", 1...8):
            let shift = UInt64(64 - bytes.count * 8)
            return .int(Int64(bitPattern: number(bytes) << shift) >> Int64(shift))
        case ("u", 1...8): return Int64(exactly: number(bytes)).map { .int($0) }
        case ("f", 8): return .double(Double(bitPattern: number(bytes)))
        case ("f", 4): return .double(Double(Float(bitPattern: UInt32(truncatingIfNeeded: number(bytes)))))
        case ("U", _):
            let scalars = stride(from: bytes.startIndex, to: bytes.endIndex, by: 4)
                .map { UInt32(truncatingIfNeeded: number(bytes[$0..<$0 + 4])) }.prefix { $0 != 0 }
            return .string(String(String.UnicodeScalarView(scalars.compactMap(Unicode.Scalar.init))))
        default: return nil
        }
    }
}
