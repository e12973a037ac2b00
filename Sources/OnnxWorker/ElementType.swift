/// Datatypes of tensor elements, by their numbers in ONNX (`TensorProto.DataType` and the C API share them).
enum ElementType: Int32 {
    case float32 = 1
    case uint8 = 2
    case int8 = 3
    case uint16 = 4
    case int16 = 5
    case int32 = 6
    case int64 = 7
    case string = 8
    case bool = 9
    case float16 = 10
    case float64 = 11
    case uint32 = 12
    case uint64 = 13
    case bfloat16 = 16

    var name: String { "\(self)" }

    var isFloatingPoint: Bool {
        switch self {
        case .float16, .bfloat16, .float32, .float64: true
        default: false
        }
    }

    /// The bytes of a tensor with these elements.
    /// - Throws: ``OnnxFailure`` when one does not fit into the type.
    func bytes(of elements: TensorElements, input: String) throws -> [UInt8] {
        switch elements {
        case .numbers(let numbers): try bytes(of: numbers, input)
        case .integers(let integers): self == .int64 ? Self.raw(integers) : try bytes(of: integers.map { Double($0) }, input)
        case .naturals(let naturals): self == .uint64 ? Self.raw(naturals) : try bytes(of: naturals.map { Double($0) }, input)
        case .flags(let flags): try bytes(of: flags.map { $0 ? 1.0 : 0 }, input)
        case .texts: throw OnnxFailure("input '\(input)' takes \(name)", type: "InvalidInput")
        }
    }

    private func bytes(of numbers: [Double], _ input: String) throws -> [UInt8] {
        switch self {
        case .float64: Self.raw(numbers)
        case .float32: Self.raw(numbers.map { Float($0) })
        case .float16: Self.raw(numbers.map { Self.half(Float($0)) })
        // The upper half of a float, rounded to even.
        case .bfloat16: Self.raw(numbers.map { Self.brainFloat(Float($0)) })
        case .bool: Self.raw(numbers.map { $0 == 0 ? UInt8(0) : 1 })
        case .int8: Self.raw(try numbers.map { try integer($0, input) as Int8 })
        case .uint8: Self.raw(try numbers.map { try integer($0, input) as UInt8 })
        case .int16: Self.raw(try numbers.map { try integer($0, input) as Int16 })
        case .uint16: Self.raw(try numbers.map { try integer($0, input) as UInt16 })
        case .int32: Self.raw(try numbers.map { try integer($0, input) as Int32 })
        case .uint32: Self.raw(try numbers.map { try integer($0, input) as UInt32 })
        case .int64: Self.raw(try numbers.map { try integer($0, input) as Int64 })
        case .uint64: Self.raw(try numbers.map { try integer($0, input) as UInt64 })
        case .string: throw OnnxFailure("input '\(input)' takes text", type: "InvalidInput")
        }
    }

    private func integer<Integer: FixedWidthInteger>(_ number: Double, _ input: String) throws -> Integer {
        guard let integer = Integer(exactly: number) else { throw OnnxFailure("input '\(input)' takes \(name), found \(number)", type: "InvalidInput") }
        return integer
    }

    private static func raw<Element>(_ elements: [Element]) -> [UInt8] {
        unsafe elements.withUnsafeBytes { unsafe Array($0) }
    }

    // MARK: - Halves

    /// IEEE 754 binary16, rounded to even.
    static func half(_ value: Float) -> UInt16 {
        let bits = value.bitPattern
        let sign = UInt16(truncatingIfNeeded: bits >> 16) & 0x8000
        let magnitude = bits & 0x7fff_ffff
        if magnitude > 0x7f80_0000 { return sign | 0x7e00 }
        if magnitude >= 0x4780_0000 { return sign | 0x7c00 }
        if magnitude < 0x3880_0000 {
            // Below the smallest normal half: an integer multiple of 2⁻²⁴.
            let scaled = (Float(bitPattern: magnitude) * 16_777_216).rounded(.toNearestOrEven)
            return sign | UInt16(scaled)
        }
        let rounded = magnitude + 0x0fff + (magnitude >> 13 & 1)
        return sign | UInt16(truncatingIfNeeded: (rounded - 0x3800_0000) >> 13)
    }

    static func float(half bits: UInt16) -> Float {
        let sign = UInt32(bits & 0x8000) << 16
        let exponent = UInt32(bits >> 10 & 0x1f)
        let fraction = UInt32(bits & 0x3ff)
        switch exponent {
        case 0: return Float(bitPattern: sign | (Float(fraction) / 16_777_216).bitPattern)
        case 0x1f: return Float(bitPattern: sign | 0x7f80_0000 | fraction << 13)
        default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
        }
    }

    private static func brainFloat(_ value: Float) -> UInt16 {
        let bits = value.bitPattern
        if value.isNaN { return 0x7fc0 }
        return UInt16(truncatingIfNeeded: (bits &+ 0x7fff &+ (bits >> 16 & 1)) >> 16)
    }
}
