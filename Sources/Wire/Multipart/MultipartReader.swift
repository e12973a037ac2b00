package import Domain
package import NIOCore

/// Cuts a multipart/form-data body into parts as it arrives (RFC 7578, RFC 2046 section 5.1); holds one boundary's worth.
package struct MultipartReader {
    package enum Event {
        case begin(MultipartHeader)
        case data(ByteBuffer)
        case end
    }

    private enum State {
        case preamble, header, content, epilogue
    }

    private static let maximumHeaderBytes = 16 << 10
    private static let maximumParts = 100
    private let delimiter: [UInt8]
    private var state = State.preamble
    private var buffer = ByteBuffer()
    private var parts = 0

    /// - Throws: `unsupportedMediaType` unless the type is multipart/form-data, `invalidInput` without a usable boundary.
    package init(contentType: String?) throws(PlatformError) {
        guard let contentType, contentType.lowercased().hasPrefix("multipart/form-data") else {
            throw PlatformError(.unsupportedMediaType, "Expected the content type multipart/form-data, found '\(contentType?.prefix(100) ?? "none")'.")
        }
        guard let boundary = MultipartHeader.parameter("boundary", of: contentType), (1...70).contains(boundary.utf8.count),
            boundary.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
        else { throw PlatformError(.invalidInput, "The content type multipart/form-data has no boundary of 1 to 70 characters.") }
        delimiter = Array("\r\n--\(boundary)".utf8)
        buffer.writeString("\r\n")  // the first delimiter may stand at the very start
    }

    /// Takes the next bytes of the body.
    /// - Throws: `invalidInput` where the body breaks the format, `payloadTooLarge` beyond 100 parts.
    package mutating func read(_ chunk: ByteBuffer) throws(PlatformError) -> [Event] {
        buffer.discardReadBytes()
        buffer.writeImmutableBuffer(chunk)
        var events: [Event] = []
        while try step(&events) {}
        return events
    }

    /// - Throws: `invalidInput` when the body ended before its last boundary.
    package func finish() throws(PlatformError) {
        guard state == .epilogue else { throw PlatformError(.invalidInput, "The multipart body ends before its last boundary.") }
    }

    /// - Returns: false when more bytes are needed.
    private mutating func step(_ events: inout [Event]) throws(PlatformError) -> Bool {
        switch state {
        case .preamble: return try readPreamble()
        case .header: return try readHeader(&events)
        case .content: return try readContent(&events)
        case .epilogue:
            buffer.clear()
            return false
        }
    }

    private mutating func readPreamble() throws(PlatformError) -> Bool {
        guard let place = buffer.firstRange(of: delimiter) else {
            guard buffer.readableBytes <= Self.maximumHeaderBytes else { throw PlatformError(.invalidInput, "The multipart body does not begin with its boundary.") }
            return false
        }
        buffer.moveReaderIndex(to: place)
        return try readDelimiter()
    }

    /// Takes a delimiter that stands at the reader index; `--` after it ends the body.
    private mutating func readDelimiter() throws(PlatformError) -> Bool {
        guard buffer.readableBytes >= delimiter.count + 2 else { return false }
        let after = buffer.readerIndex + delimiter.count
        if buffer.getInteger(at: after, as: UInt16.self) == 0x2d2d {
            state = .epilogue
            return true
        }
        guard let lineEnd = buffer.firstRange(of: [0x0d, 0x0a], from: after) else {
            guard buffer.readableBytes <= delimiter.count + 256 else { throw PlatformError(.invalidInput, "A multipart boundary is followed by other text.") }
            return false
        }
        let padding = buffer.getBytes(at: after, length: lineEnd - after)
        guard padding?.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) ?? true else { throw PlatformError(.invalidInput, "A multipart boundary is followed by other text.") }
        buffer.moveReaderIndex(to: lineEnd)  // the line end stays: it also ends an empty header
        state = .header
        parts += 1
        guard parts <= Self.maximumParts else {
            throw PlatformError(
                .payloadTooLarge, "More than \(Self.maximumParts) parts in one upload.", details: .object(["limit_parts": .int(Self.maximumParts)])
            )
        }
        return true
    }

    private mutating func readHeader(_ events: inout [Event]) throws(PlatformError) -> Bool {
        guard let end = buffer.firstRange(of: [0x0d, 0x0a, 0x0d, 0x0a]) else {
            guard buffer.readableBytes <= Self.maximumHeaderBytes else {
                throw PlatformError(.payloadTooLarge, "The header of a part is longer than \(Self.maximumHeaderBytes) bytes.")
            }
            return false
        }
        guard end - buffer.readerIndex <= Self.maximumHeaderBytes, let text = buffer.readString(length: end - buffer.readerIndex, validating: true) else {
            throw PlatformError(.invalidInput, "The header of a part is too long or is not UTF-8.")
        }
        buffer.moveReaderIndex(forwardBy: 4)
        events.append(.begin(try MultipartHeader(text)))
        state = .content
        return true
    }

    private mutating func readContent(_ events: inout [Event]) throws(PlatformError) -> Bool {
        if let place = buffer.firstRange(of: delimiter) {
            if let data = buffer.readSlice(length: place - buffer.readerIndex), data.readableBytes > 0 { events.append(.data(data)) }
            events.append(.end)
            state = .preamble
            return true
        }
        let safe = buffer.readableBytes - delimiter.count
        if safe > 0, let data = buffer.readSlice(length: safe) { events.append(.data(data)) }
        return false
    }
}

extension ByteBuffer {
    /// The index where `pattern` first stands at or after `start`.
    fileprivate func firstRange(of pattern: [UInt8], from start: Int? = nil) -> Int? {
        let begin = start ?? readerIndex
        let count = writerIndex - begin
        guard count >= pattern.count, let first = pattern.first else { return nil }
        return unsafe withUnsafeReadableBytes { bytes in
            let bytes = unsafe UnsafeRawBufferPointer(rebasing: bytes[(begin - readerIndex)...])
            var place = 0
            let last = count - pattern.count
            while place <= last {
                guard let hit = unsafe bytes[place...last].firstIndex(of: first) else { return nil }
                if unsafe bytes[hit..<hit + pattern.count].elementsEqual(pattern) { return begin + hit }
                place = hit + 1
            }
            return nil
        }
    }

    fileprivate mutating func readString(length: Int, validating: Bool) -> String? {
        readBytes(length: length).flatMap { String(validating: $0, as: UTF8.self) }
    }
}
