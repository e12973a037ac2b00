extension PickleMachine {
    /// joblib writes an array as a small wrapper object whose bytes follow BUILD in the middle of the stream:
    /// https://github.com/joblib/joblib/blob/main/joblib/numpy_pickle.py, `NumpyArrayWrapper`.
    ///
    /// One byte tells the length of a padding (when the wrapper has an alignment), then the raw elements follow; an array
    /// of objects is a whole pickle of its own instead.
    func readArrayIfWrapper(_ state: PickleValue) throws {
        guard case .node(let index) = try top(), case .object(let callee, _) = graph.nodes[index].kind,
            graph.global(callee) == PickleGlobal(module: "joblib.numpy_pickle", name: "NumpyArrayWrapper")
        else { return }
        guard let shape = graph.items(graph.entry("shape", of: state)), let type = elementType(graph.entry("dtype", of: state)) else {
            throw ReadFault.malformed("an array without shape or dtype", at: reader.offset)
        }
        let extents = try shape.map { extent in
            guard case .int(let number) = extent, number >= 0 else { throw ReadFault.malformed("an array extent that is no size", at: reader.offset) }
            return Int(number)
        }
        let fortran = graph.string(graph.entry("order", of: state)) == "F"
        let array: PickleArray
        if type.holdsObjects {
            let nested = try runNested()
            array = PickleArray(type: type.name, shape: extents, isFortranOrdered: fortran, isBigEndian: false, bytes: nil, nested: nested)
        } else {
            let bytes = try rawElements(extents, size: type.size, isAligned: isAligned(state))
            array = PickleArray(
                type: type.name, shape: extents, isFortranOrdered: fortran, isBigEndian: type.isBigEndian, bytes: bytes, nested: nil
            )
        }
        graph.arrays.append(array)
        try replaceTop(with: .array(graph.arrays.count - 1))
    }

    private func isAligned(_ state: PickleValue) -> Bool {
        switch graph.entry("numpy_array_alignment_bytes", of: state) {
        case nil, PickleValue.none?: false
        default: true
        }
    }

    private func rawElements(_ extents: [Int], size: Int, isAligned: Bool) throws -> [UInt8]? {
        if isAligned { try reader.skip(Int64(try reader.byte())) }
        var total = size
        for extent in extents {
            let (product, overflow) = total.multipliedReportingOverflow(by: extent)
            guard !overflow else { throw ReadFault.malformed("an array larger than memory", at: reader.offset) }
            total = product
        }
        addArrayBytes(Int64(total))
        if total <= limits.maximumKeptArrayBytes { return try reader.bytes(total) }
        try reader.skip(Int64(total))
        return nil
    }

    // MARK: - dtype

    struct ElementType {
        let name: String
        /// Bytes of one element.
        let size: Int
        let isBigEndian: Bool
        let holdsObjects: Bool
    }

    /// Reads the `numpy.dtype` object: `dtype('f8', …)` with the state `(3, '<', subdtype, names, fields, size, …)`.
    func elementType(_ value: PickleValue?) -> ElementType? {
        guard case .node(let index) = value, case .object(let callee, let arguments) = graph.nodes[index].kind,
            graph.global(callee)?.name == "dtype", let name = graph.string(graph.items(arguments)?.first)
        else { return nil }
        let state = graph.items(graph.nodes[index].state) ?? []
        let order = state.count > 1 ? graph.string(state[1]) : nil
        let declared = state.count > 5 ? graph.int(state[5]) : nil
        guard let size = declared.flatMap({ $0 > 0 ? $0 : nil }) ?? Self.size(of: name) else { return nil }
        return ElementType(
            name: name, size: size, isBigEndian: order == ">",
            holdsObjects: name.hasPrefix("O") || fieldsHoldObjects(state, depth: 0)
        )
    }

    private func fieldsHoldObjects(_ state: [PickleValue], depth: Int) -> Bool {
        guard depth < limits.maximumNesting, state.count > 4 else { return false }
        return graph.entries(of: state[4]).contains { field in
            guard let type = graph.items(field.value)?.first, case .node(let index) = type,
                case .object(_, let arguments) = graph.nodes[index].kind
            else { return false }
            if graph.string(graph.items(arguments)?.first)?.hasPrefix("O") == true { return true }
            return fieldsHoldObjects(graph.items(graph.nodes[index].state) ?? [], depth: depth + 1)
        }
    }

    /// Bytes of `f8`, `i4`, `U12` (4 bytes a character), `b1`, `V64`, `M8[ns]`.
    private static func size(of name: String) -> Int? {
        guard let kind = name.utf8.first,
            let count = Int(name.utf8.dropFirst().prefix { (0x30...0x39).contains($0) }.reduce(into: "") { $0.append(Character(UnicodeScalar($1))) }), count >= 0
        else { return nil }
        return kind == UInt8(ascii: "U") ? count.multipliedReportingOverflow(by: 4).partialValue : count
    }
}
