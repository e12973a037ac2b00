extension PickleMachine {
    /// Reads the argument of an opcode that pushes a plain value.
    func scalar(_ opcode: PickleOpcode) throws -> PickleValue {
        switch opcode {
        case .none: return .none
        case .newTrue: return .bool(true)
        case .newFalse: return .bool(false)
        case .int: return try decimal()
        case .binInt: return .int(Int64(Int32(truncatingIfNeeded: try reader.littleEndian(bytes: 4))))
        case .binInt1: return .int(Int64(try reader.byte()))
        case .binInt2: return .int(Int64(try reader.littleEndian(bytes: 2)))
        case .long: return try decimal()
        case .long1: return twosComplement(try reader.bytes(Int(try reader.byte())))
        case .long4: return twosComplement(try reader.bytes(try length(4)))
        case .float:
            guard let value = Double(text(try reader.line(atMost: 64))) else { throw ReadFault.malformed("a float that is no number", at: reader.offset) }
            return .float(value)
        case .binFloat:
            let bits = try reader.bytes(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            return .float(Double(bitPattern: bits))
        case .string: return graph.add(try unescaped(PickleEscapes.stringLiteral(unquoted(try reader.line(atMost: limits.maximumScalarBytes)))))
        case .unicode: return graph.add(try unescaped(PickleEscapes.rawUnicode(try reader.line(atMost: limits.maximumScalarBytes))))
        case .binString, .binUnicode: return graph.add(text(try reader.bytes(try length(4))))
        case .shortBinString, .shortBinUnicode: return graph.add(text(try reader.bytes(Int(try reader.byte()))))
        case .binUnicode8: return graph.add(text(try reader.bytes(try length(8))))
        case .shortBinBytes: return try bytes(Int64(try reader.byte()))
        case .binBytes: return try bytes(Int64(try reader.littleEndian(bytes: 4)))
        default: return try bytes(Int64(clamping: try reader.littleEndian(bytes: 8)))
        }
    }

    /// A byte string: kept when it is short, passed over when it is long. One that begins and ends as a pickle is looked at later.
    private func bytes(_ count: Int64) throws -> PickleValue {
        let start = try reader.peek(2)
        let beginsAsPickle = start.first == PickleOpcode.proto.rawValue && start.last.map { (2...5).contains($0) } ?? false
        guard count <= limits.maximumKeptArrayBytes else {
            if beginsAsPickle { note(.longPickle(offset: reader.offset)) }
            try reader.skip(count)
            addArrayBytes(count)
            return .longBytes(count: count)
        }
        let bytes = try reader.bytes(Int(count))
        if beginsAsPickle, count > 2, bytes.last == PickleOpcode.stop.rawValue { embed(bytes) }
        return graph.add(bytes)
    }

    private func length(_ width: Int) throws -> Int {
        let value = try reader.littleEndian(bytes: width)
        guard value <= UInt64(limits.maximumScalarBytes) else {
            throw ReadFault.limit("a value of \(value) bytes, more than \(limits.maximumScalarBytes)", at: reader.offset)
        }
        return Int(value)
    }

    /// INT and LONG of protocol 0: decimal digits, `L` at the end of a long, `00` and `01` for booleans.
    private func decimal() throws -> PickleValue {
        var line = try reader.line(atMost: 1 << 16)
        if line == Array("00".utf8) { return .bool(false) }
        if line == Array("01".utf8) { return .bool(true) }
        if line.last == UInt8(ascii: "L") { line.removeLast() }
        if let value = Int64(text(line)) { return .int(value) }
        let digits = line.first == UInt8(ascii: "-") ? line.dropFirst() : line[...]
        guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw ReadFault.malformed("an integer that is no number", at: reader.offset)
        }
        return .bigInt(bytes: digits.count)
    }

    private func twosComplement(_ bytes: [UInt8]) -> PickleValue {
        guard bytes.count <= 8 else { return .bigInt(bytes: bytes.count) }
        guard let last = bytes.last else { return .int(0) }
        var value: UInt64 = last & 0x80 == 0 ? 0 : .max
        for byte in bytes.reversed() {
            value = value << 8 | UInt64(byte)
        }
        return .int(Int64(bitPattern: value))
    }

    private func unescaped(_ text: String?) throws -> String {
        guard let text else { throw ReadFault.malformed("a string with a broken escape", at: reader.offset) }
        return text
    }

    private func text(_ bytes: [UInt8]) -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    private func unquoted(_ line: [UInt8]) -> [UInt8] {
        guard line.count >= 2, let quote = line.first, quote == 0x22 || quote == 0x27, line.last == quote else { return line }
        return Array(line.dropFirst().dropLast())
    }
}
