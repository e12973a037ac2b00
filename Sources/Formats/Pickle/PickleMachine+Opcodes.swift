extension PickleMachine {
    /// Carries out one opcode other than STOP.
    func execute(_ opcode: PickleOpcode, at offset: Int64) throws {
        switch opcode {
        case .none, .newTrue, .newFalse, .int, .binInt, .binInt1, .binInt2, .long, .long1, .long4, .float, .binFloat,
            .string, .binString, .shortBinString, .unicode, .binUnicode, .shortBinUnicode, .binUnicode8,
            .binBytes, .shortBinBytes, .binBytes8, .byteArray8:
            try push(try scalar(opcode))
        case .emptyTuple, .tuple, .tuple1, .tuple2, .tuple3, .emptyList, .list, .emptyDict, .dict, .emptySet, .frozenSet:
            try push(try container(opcode))
        case .append, .appends, .setItem, .setItems, .addItems:
            try add(opcode)
        case .global, .stackGlobal, .inst, .obj, .reduce, .newObj, .newObjEx, .build, .ext1, .ext2, .ext4, .persid, .binPersid:
            try refer(opcode, at: offset)
        case .get, .binGet, .longBinGet, .put, .binPut, .longBinPut, .memoize:
            try remember(opcode)
        case .mark: try pushMark()
        case .pop: try popValueOrMark()
        case .popMark: _ = try popToMark()
        case .dup: try push(try top())
        case .proto: try note(protocol: Int(try reader.byte()))
        case .frame:
            let length = Int64(clamping: try reader.littleEndian(bytes: 8))
            let (end, overflow) = reader.offset.addingReportingOverflow(length)
            frameEnd = overflow ? .max : end
        case .nextBuffer, .readOnlyBuffer:
            throw ReadFault.malformed("buffers outside the stream, which a file cannot have", at: offset)
        case .stop: break
        }
    }

    private func container(_ opcode: PickleOpcode) throws -> PickleValue {
        switch opcode {
        case .emptyTuple: return try makeNode(.tuple)
        case .tuple: return try makeNode(.tuple, items: try popToMark())
        case .tuple1: return try makeNode(.tuple, items: try pop(1))
        case .tuple2: return try makeNode(.tuple, items: try pop(2))
        case .tuple3: return try makeNode(.tuple, items: try pop(3))
        case .emptyList: return try makeNode(.list)
        case .list: return try makeNode(.list, items: try popToMark())
        case .emptyDict: return try makeNode(.dictionary)
        case .dict: return try makeNode(.dictionary, items: try evenPairs(try popToMark()))
        case .frozenSet: return try makeNode(.set, items: try popToMark())
        default: return try makeNode(.set)
        }
    }

    private func add(_ opcode: PickleOpcode) throws {
        switch opcode {
        case .append:
            let value = try pop()
            try append([value], to: try top())
        case .setItem:
            let value = try pop()
            let key = try pop()
            try append([key, value], to: try top())
        case .setItems:
            let pairs = try evenPairs(try popToMark())
            try append(pairs, to: try top())
        default:
            let values = try popToMark()
            try append(values, to: try top())
        }
    }

    private func evenPairs(_ values: ArraySlice<PickleValue>) throws -> ArraySlice<PickleValue> {
        guard values.count.isMultiple(of: 2) else { throw ReadFault.malformed("a dictionary with a key and no value", at: reader.offset) }
        return values
    }

    private func remember(_ opcode: PickleOpcode) throws {
        switch opcode {
        case .get: try push(try recall(try decimalIndex()))
        case .binGet: try push(try recall(Int(try reader.byte())))
        case .longBinGet: try push(try recall(Int(try reader.littleEndian(bytes: 4))))
        case .put: try memoize(try top(), at: try decimalIndex())
        case .binPut: try memoize(try top(), at: Int(try reader.byte()))
        case .longBinPut: try memoize(try top(), at: Int(try reader.littleEndian(bytes: 4)))
        default: try memoize(try top())
        }
    }

    private func decimalIndex() throws -> Int {
        guard let index = Int(String(decoding: try reader.line(atMost: 32), as: UTF8.self)), index >= 0 else {
            throw ReadFault.malformed("a memo index that is no number", at: reader.offset)
        }
        return index
    }
}
