internal import NIOCore

/// Cuts the bytes of a connection into answers.
struct RESPDecoder: NIOSingleStepByteToMessageDecoder {
    typealias InboundOut = RESPValue

    struct Malformed: Error {}

    private static let maximumLength = 1 << 20
    private static let maximumElements = 10_000
    private static let maximumDepth = 4

    mutating func decode(buffer: inout ByteBuffer) throws -> RESPValue? {
        var rest = buffer
        guard let value = try Self.value(in: &rest, depth: 0) else { return nil }
        buffer = rest
        return value
    }

    mutating func decodeLast(buffer: inout ByteBuffer, seenEOF: Bool) throws -> RESPValue? { try decode(buffer: &buffer) }

    private static func value(in buffer: inout ByteBuffer, depth: Int) throws -> RESPValue? {
        guard depth < maximumDepth else { throw Malformed() }
        guard let line = try line(in: &buffer) else { return nil }
        let text = line.dropFirst()
        switch line.first {
        case "+": return .text(String(text))
        case "-": return .error(String(text))
        case ":": return .integer(try number(text))
        case "$":
            guard let length = try length(text, upTo: maximumLength) else { return .bytes(nil) }
            guard buffer.readableBytes >= length + 2, let bytes = buffer.readBytes(length: length) else { return nil }
            guard buffer.readBytes(length: 2) == [0x0d, 0x0a] else { throw Malformed() }
            return .bytes(bytes)
        case "*":
            guard let count = try length(text, upTo: maximumElements) else { return .array(nil) }
            var values: [RESPValue] = []
            for _ in 0..<count {
                guard let value = try value(in: &buffer, depth: depth + 1) else { return nil }
                values.append(value)
            }
            return .array(values)
        default: throw Malformed()
        }
    }

    private static func line(in buffer: inout ByteBuffer) throws -> String? {
        guard let end = buffer.readableBytesView.firstIndex(of: 0x0d) else {
            guard buffer.readableBytes <= maximumLength else { throw Malformed() }
            return nil
        }
        let length = end - buffer.readerIndex
        guard buffer.readableBytes >= length + 2 else { return nil }
        let line = buffer.readString(length: length)
        guard buffer.readBytes(length: 2) == [0x0d, 0x0a] else { throw Malformed() }
        return line
    }

    private static func number(_ text: Substring) throws -> Int {
        guard let number = Int(text) else { throw Malformed() }
        return number
    }

    private static func length(_ text: Substring, upTo limit: Int) throws -> Int? {
        let length = try number(text)
        guard length <= limit else { throw Malformed() }
        return length < 0 ? nil : length
    }
}
