internal import Files

/// One field of a protobuf message. https://protobuf.dev/programming-guides/encoding/
struct ProtobufField {
    enum Value {
        case varint(UInt64)
        case fixed32(UInt32)
        case fixed64(UInt64)
        case bytes(Slice)
    }

    let number: Int
    let value: Value
    /// From the start of the message.
    let offset: Int64

    var slice: Slice? {
        guard case .bytes(let slice) = value else { return nil }
        return slice
    }

    var integer: Int64? {
        guard case .varint(let value) = value else { return nil }
        return Int64(bitPattern: value)
    }

    /// Text of at most 64 KiB.
    var text: String? {
        get throws {
            guard let slice else { return nil }
            return String(decoding: try slice.bytes(at: 0, count: 65_536), as: UTF8.self)
        }
    }
}

/// Reads the fields of one message in order, without a schema; nested messages are read by readers of their own.
struct ProtobufReader {
    private static let windowSize = 4096
    private let bytes: any RandomAccess
    private var position: Int64 = 0
    private var window: [UInt8] = []
    private var windowStart: Int64 = 0

    init(_ bytes: any RandomAccess) {
        self.bytes = bytes
    }

    /// - Returns: nil at the end.
    /// - Throws: ``ReadFault`` for what is no protobuf.
    mutating func next() throws -> ProtobufField? {
        guard position < bytes.count else { return nil }
        let start = position
        let key = try varint()
        let number = Int(key >> 3)
        guard (1...536_870_911).contains(number) else { throw ReadFault.malformed("a field numbered \(number)", at: start) }
        switch key & 7 {
        case 0: return ProtobufField(number: number, value: .varint(try varint()), offset: start)
        case 1: return ProtobufField(number: number, value: .fixed64(try fixed(8)), offset: start)
        case 5: return ProtobufField(number: number, value: .fixed32(UInt32(try fixed(4))), offset: start)
        case 2:
            let length = try varint()
            let slice = try bytes.slice(at: position, length: Int64(clamping: length))
            position += slice.count
            return ProtobufField(number: number, value: .bytes(slice), offset: start)
        default: throw ReadFault.malformed("a field of wire type \(key & 7)", at: start)
        }
    }

    /// Calls `body` with every field.
    static func each(_ bytes: any RandomAccess, _ body: (ProtobufField) throws -> Void) throws {
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() { try body(field) }
    }

    private mutating func varint() throws -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            let byte = try byte()
            value |= UInt64(byte & 0x7f) << shift
            if byte & 0x80 == 0 { return value }
        }
        throw ReadFault.malformed("an integer of more than ten bytes", at: position)
    }

    private mutating func fixed(_ width: Int) throws -> UInt64 {
        var value: UInt64 = 0
        for shift in 0..<width { value |= UInt64(try byte()) << UInt64(shift * 8) }
        return value
    }

    private mutating func byte() throws -> UInt8 {
        if position < windowStart || position >= windowStart + Int64(window.count) {
            window = try bytes.bytes(at: position, count: Self.windowSize)
            windowStart = position
            guard !window.isEmpty else { throw ReadFault.truncated(at: position) }
        }
        defer { position += 1 }
        return window[Int(position - windowStart)]
    }
}
