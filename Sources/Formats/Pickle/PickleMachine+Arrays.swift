extension PickleMachine {
    /// joblib writes an array as a small wrapper object whose bytes follow BUILD in the middle of the stream:
    /// https://github.com/joblib/joblib/blob/main/joblib/numpy_pickle.py, `NumpyArrayWrapper`.
    ///
    /// One byte tells the length of a padding (when the wrapper has an alignment), then the raw elements follow; an array
    /// of objects is a whole pickle of its own instead.
    func readArrayIfWrapper(_ state: PickleValue) throws {
        guard let (_, callee, _) = graph.object(try top()), isArrayWrapper(callee) else { return }
        guard loader == .joblib else {
            throw ReadFault.malformed("a joblib array in a file that is loaded as a plain pickle", at: reader.offset)
        }
        guard reader.offset >= frameEnd else {
            throw ReadFault.malformed("an array in the middle of a frame, which joblib reads from behind it", at: reader.offset)
        }
        guard let shape = graph.items(graph.entry("shape", of: state)), let type = elementType(graph.entry("dtype", of: state)) else {
            throw ReadFault.malformed("an array without shape or dtype", at: reader.offset)
        }
        let extents = try shape.map { extent in
            guard case .int(let number) = extent, number >= 0 else { throw ReadFault.malformed("an array extent that is no size", at: reader.offset) }
            return Int(number)
        }
        if let subclass = graph.global(graph.entry("subclass", of: state)), subclass.module != "numpy" || !["ndarray", "matrix", "memmap"].contains(subclass.name) {
            throw ReadFault.malformed("an array of the class \(subclass.qualifiedName)", at: reader.offset)
        }
        let fortran = graph.string(graph.entry("order", of: state)) == "F"
        let dtype = graph.entry("dtype", of: state) ?? .none
        let array: PickleArray
        if type.holdsObjects {
            let nested = try runNested()
            array = PickleArray(type: type.name, shape: extents, isFortranOrdered: fortran, isBigEndian: false, bytes: nil, nested: nested, dtype: dtype)
        } else {
            let bytes = try rawElements(extents, size: type.size, isAligned: isAligned(state))
            array = PickleArray(
                type: type.name, shape: extents, isFortranOrdered: fortran, isBigEndian: type.isBigEndian, bytes: bytes, nested: nil, dtype: dtype
            )
        }
        graph.arrays.append(array)
        try replaceTop(with: .array(graph.arrays.count - 1))
    }

    /// joblib reads an array wherever an object of this class is built. A loader must not reach the class in any way that
    /// this machine does not see: it may only be instantiated, without arguments, and be nobody's item, argument or state.
    func refuseArrayWrapper(in values: some Sequence<PickleValue>) throws {
        guard let wrapper = wrapperIndex, values.contains(.global(wrapper)) else { return }
        throw ReadFault.malformed("the class of joblib's arrays used as a value", at: reader.offset)
    }

    func isArrayWrapper(_ value: PickleValue) -> Bool {
        guard let wrapperIndex, case .global(let index) = value else { return false }
        return index == wrapperIndex
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
        let kept = total <= limits.maximumKeptArrayBytes ? try reader.bytes(total) : nil
        if kept == nil { try reader.skip(Int64(total)) }
        addArrayBytes(Int64(total))
        return kept
    }

    // MARK: - dtype

    struct ElementType {
        let name: String
        /// Bytes of one element.
        let size: Int
        let isBigEndian: Bool
        let holdsObjects: Bool
    }

    /// Reads the `numpy.dtype` object: `dtype('f8', …)` with the state `(3, '<', subdtype, names, fields, size, alignment, flags)`.
    ///
    /// - Returns: nil when it is anything that numpy could understand in another way, also when its flags contradict its type:
    ///   they decide whether joblib reads raw bytes or a pickle.
    func elementType(_ value: PickleValue?) -> ElementType? {
        guard let (index, callee, arguments) = graph.object(value), graph.global(callee) == PickleGlobal(module: "numpy", name: "dtype"),
            let name = graph.string(graph.items(arguments)?.first),
            let (kind, nameSize) = Self.parse(name)
        else { return nil }
        let holdsObjects: Bool
        var size = nameSize
        var isBigEndian = false
        if let stateValue = graph.state(index) {
            guard let state = graph.items(stateValue), state.count >= 8, let flags = graph.int(state[7]) else { return nil }
            var seen: Set<Int> = [index]
            holdsObjects = kind == "O" || fieldsHoldObjects(state, seen: &seen)
            guard (flags & 1 != 0) == holdsObjects else { return nil }
            isBigEndian = graph.string(state[1]) == ">"
            // numpy takes the size of the state for these kinds only.
            if "SUV".contains(kind), let declared = graph.int(state[5]) {
                guard declared >= 0 else { return nil }
                size = declared
            }
        } else {
            holdsObjects = kind == "O"
        }
        return ElementType(name: name, size: size, isBigEndian: isBigEndian, holdsObjects: holdsObjects)
    }

    /// - Parameter seen: dtypes that were looked at already: shared ones cost nothing, and a circle ends.
    private func fieldsHoldObjects(_ state: [PickleValue], seen: inout Set<Int>) -> Bool {
        guard seen.count < 1000, state.count > 4 else { return true }
        for field in graph.entries(of: state[4]) {
            guard let type = graph.items(field.value)?.first, let (index, _, arguments) = graph.object(type) else { return true }
            guard seen.insert(index).inserted else { continue }
            if graph.string(graph.items(arguments)?.first)?.hasPrefix("O") == true { return true }
            if let inner = graph.items(graph.state(index)), fieldsHoldObjects(inner, seen: &seen) { return true }
        }
        return false
    }

    /// Kind and bytes of `f8`, `i4`, `U12` (4 bytes a character), `b1`, `V64`, `M8[ns]`; nil for every other spelling.
    private static func parse(_ name: String) -> (kind: Character, size: Int)? {
        guard let kind = name.first, "biufcSUVOMm".contains(kind) else { return nil }
        var digits = name.dropFirst()
        if kind == "M" || kind == "m", let bracket = digits.firstIndex(of: "["), digits.last == "]" { digits = digits[..<bracket] }
        guard let count = Int(digits), count >= 0, count <= 1 << 30, String(count) == digits else { return nil }
        return (kind, kind == "U" ? count * 4 : count)
    }
}
