/// A string of a JSON text: where its content stands between the quotes.
package struct JSONText: Sendable {
    package let range: Range<Int>
    package let hasEscapes: Bool
}

extension JSONScanner {
    /// Takes a string without decoding it. Control characters and bytes that are no UTF-8 are refused.
    package mutating func text() throws(JSONFault) -> JSONText {
        try expect(UInt8(ascii: "\""))
        let start = position
        var place = start
        var hasEscapes = false
        var isASCII = true
        while place < bytes.count {
            let byte = bytes[place]
            if byte == UInt8(ascii: "\"") {
                advance(to: place + 1)
                if !isASCII, String(validating: bytes[start..<place], as: UTF8.self) == nil { throw fault("bytes that are not UTF-8") }
                return JSONText(range: start..<place, hasEscapes: hasEscapes)
            }
            guard byte >= 0x20 else { throw JSONFault(offset: place, reason: "a control character in a string") }
            if byte >= 0x80 { isASCII = false }
            if byte == UInt8(ascii: "\\") {
                hasEscapes = true
                place += 1
            }
            place += 1
        }
        throw JSONFault(offset: bytes.count, reason: "a string without an end")
    }

    /// Whether the string is `name`, without decoding it when it has no escapes.
    package func text(_ text: JSONText, equals name: [UInt8]) -> Bool {
        if !text.hasEscapes {
            return text.range.count == name.count && bytes[text.range].elementsEqual(name)
        }
        return (try? string(text)).map { Array($0.utf8) == name } ?? false
    }

    /// Decodes a string.
    package func string(_ text: JSONText) throws(JSONFault) -> String {
        guard text.hasEscapes else { return String(decoding: bytes[text.range], as: UTF8.self) }
        var result: [UInt8] = []
        result.reserveCapacity(text.range.count)
        var place = text.range.lowerBound
        while place < text.range.upperBound {
            let byte = bytes[place]
            place += 1
            guard byte == UInt8(ascii: "\\") else {
                result.append(byte)
                continue
            }
            try appendEscape(at: &place, end: text.range.upperBound, to: &result)
        }
        return String(decoding: result, as: UTF8.self)
    }

    private func appendEscape(at place: inout Int, end: Int, to result: inout [UInt8]) throws(JSONFault) {
        let letter = bytes[place]
        place += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): result.append(letter)
        case UInt8(ascii: "b"): result.append(0x08)
        case UInt8(ascii: "f"): result.append(0x0c)
        case UInt8(ascii: "n"): result.append(0x0a)
        case UInt8(ascii: "r"): result.append(0x0d)
        case UInt8(ascii: "t"): result.append(0x09)
        case UInt8(ascii: "u"):
            var code = try unit(at: &place, end: end)
            if (0xd800..<0xdc00).contains(code), place + 1 < end, bytes[place] == UInt8(ascii: "\\"), bytes[place + 1] == UInt8(ascii: "u") {
                place += 2
                let low = try unit(at: &place, end: end)
                guard (0xdc00..<0xe000).contains(low) else { throw JSONFault(offset: place, reason: "half of a surrogate pair") }
                code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw JSONFault(offset: place, reason: "half of a surrogate pair") }
            result += Array(String(Character(scalar)).utf8)
        default: throw JSONFault(offset: place, reason: "an unknown escape")
        }
    }

    private func unit(at place: inout Int, end: Int) throws(JSONFault) -> UInt32 {
        guard place + 4 <= end, let code = UInt32(String(decoding: bytes[place..<place + 4], as: UTF8.self), radix: 16), bytes[place] != 0x2b,
            bytes[place] != 0x2d
        else { throw JSONFault(offset: place, reason: "four hexadecimal digits expected") }
        place += 4
        return code
    }
}
