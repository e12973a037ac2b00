import Domain
internal import Files

/// A TensorProto: name, datatype, shape and where its bytes are.
struct OnnxTensor {
    private(set) var name = ""
    private(set) var shape: [Int64] = []
    private(set) var datatype = 0
    /// Bytes of `raw_data`; nil when the elements are written in another way.
    private(set) var rawBytes: Int64?
    /// The files that hold the bytes instead; one, unless the file was tampered with.
    private(set) var externalLocations: [String] = []

    init(_ message: Slice) throws {
        try ProtobufReader.each(message) { field in
            switch (field.number, field.value) {
            case (1, .varint(let extent)): try add(extent)
            case (1, .bytes(let packed)):
                var reader = try PackedVarints(packed)
                while let extent = try reader.next() { try add(extent) }
            case (2, .varint(let type)): datatype = Int(clamping: type)
            case (8, _): name = try field.text ?? ""
            case (9, .bytes(let raw)): rawBytes = raw.count
            case (13, .bytes(let entry)): try readExternal(entry)
            default: break
            }
        }
    }

    private mutating func add(_ extent: UInt64) throws {
        guard shape.count < 64 else { throw ReadFault.limit("a tensor of more than 64 dimensions", at: 0) }
        shape.append(Int64(bitPattern: extent))
    }

    /// A key (1) and a value (2).
    private mutating func readExternal(_ entry: Slice) throws {
        var key = ""
        var value = ""
        try ProtobufReader.each(entry) { field in
            if field.number == 1 { key = try field.text ?? "" }
            if field.number == 2 { value = try field.text ?? "" }
        }
        if key == "location", externalLocations.count < 100 { externalLocations.append(value) }
    }

    /// nil when the product overflows or an extent is negative.
    var elements: Int? {
        shape.reduce(Int?(1)) { total, extent in
            guard let total, extent >= 0 else { return nil }
            let (product, overflow) = total.multipliedReportingOverflow(by: Int(extent))
            return overflow ? nil : product
        }
    }

    /// How the raw bytes contradict shape and datatype.
    var shapeFault: String? {
        guard let elements else { return "a shape \(shape) without a size" }
        guard let rawBytes, let bits = Self.bits[datatype] else { return nil }
        let (total, overflow) = elements.multipliedReportingOverflow(by: bits)
        return overflow || Int64(total / 8 + (total % 8 == 0 ? 0 : 1)) != rawBytes ? "\(shape) of type \(datatype) in \(rawBytes) bytes" : nil
    }

    /// Bits of one element by TensorProto.DataType.
    private static let bits = [
        1: 32, 2: 8, 3: 8, 4: 16, 5: 16, 6: 32, 7: 64, 9: 8, 10: 16, 11: 64, 12: 32, 13: 64, 14: 64, 15: 128, 16: 16, 17: 8, 18: 8, 19: 8, 20: 8,
        21: 4, 22: 4, 23: 4, 24: 8,
    ]

    static let names = [
        1: "float32", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64", 8: "string", 9: "bool", 10: "float16", 11: "float64",
        12: "uint32", 13: "uint64", 14: "complex64", 15: "complex128", 16: "bfloat16", 17: "float8e4m3fn", 18: "float8e4m3fnuz", 19: "float8e5m2",
        20: "float8e5m2fnuz", 21: "uint4", 22: "int4", 23: "float4e2m1",
    ]
}

/// A ValueInfoProto: an input or output of a graph.
enum OnnxValue {
    static func fact(_ message: Slice) throws -> TensorFact {
        var name = ""
        var datatype = "unknown"
        var shape: [Int?]?
        try ProtobufReader.each(message) { field in
            if field.number == 1 { name = try field.text ?? "" }
            guard field.number == 2, let type = field.slice else { return }
            try ProtobufReader.each(type) { part in
                guard let tensor = part.slice else { return }
                if part.number != 1 { datatype = [4: "sequence", 5: "map", 8: "sparse_tensor", 9: "optional"][part.number] ?? "unknown" }
                if part.number == 1 { (datatype, shape) = try tensorType(tensor) }
            }
        }
        return TensorFact(name: name, datatype: datatype, shape: shape)
    }

    /// TypeProto.Tensor: element type (1) and shape (2).
    private static func tensorType(_ message: Slice) throws -> (String, [Int?]?) {
        var datatype = "unknown"
        var shape: [Int?]?
        try ProtobufReader.each(message) { field in
            if field.number == 1 { datatype = OnnxTensor.names[Int(clamping: field.integer ?? 0)] ?? "unknown" }
            guard field.number == 2, let extents = field.slice else { return }
            var found: [Int?] = []
            try ProtobufReader.each(extents) { dimension in
                guard dimension.number == 1, let slice = dimension.slice, found.count < 64 else { return }
                var extent: Int?
                try ProtobufReader.each(slice) { if $0.number == 1 { extent = $0.integer.map { Int($0) } } }
                found.append(extent)
            }
            shape = found
        }
        return (datatype, shape)
    }
}

/// Packed integers of a repeated field.
struct PackedVarints {
    private let bytes: [UInt8]
    private var place = 0

    /// - Throws: `limit` for more than 64 KiB of them.
    init(_ slice: Slice) throws {
        guard slice.count <= 65_536 else { throw ReadFault.limit("a shape of \(slice.count) bytes", at: 0) }
        bytes = try slice.bytes(at: 0, count: Int(slice.count))
    }

    mutating func next() throws -> UInt64? {
        guard place < bytes.count else { return nil }
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard place < bytes.count else { throw ReadFault.truncated(at: Int64(place)) }
            value |= UInt64(bytes[place] & 0x7f) << shift
            place += 1
            if bytes[place - 1] & 0x80 == 0 { return value }
        }
        throw ReadFault.malformed("an integer of more than ten bytes", at: Int64(place))
    }
}
