/// Dotted names of Python source, and the ends of its lines; strings, comments and the rest are passed over.
/// https://docs.python.org/3/reference/lexical_analysis.html
struct PythonTokens: Sequence, IteratorProtocol {
    struct Token {
        /// A dotted name, or a line feed.
        let text: String
        let offset: Int64
        let isCall: Bool
        /// Whether the call's arguments hold anything but names, numbers and one plain string: `getattr(a, "b" + "c")`.
        let hasComputedArgument: Bool
    }

    private let source: [UInt8]
    private var place = 0
    private var depth = 0

    init(_ source: [UInt8]) {
        self.source = source
    }

    mutating func next() -> Token? {
        while place < source.count {
            let byte = source[place]
            switch byte {
            case UInt8(ascii: "#"): place = source[place...].firstIndex(of: 0x0a) ?? source.count
            case UInt8(ascii: "\""), UInt8(ascii: "'"): skipString()
            case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"):
                depth += 1
                place += 1
            case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"):
                depth = Swift.max(0, depth - 1)
                place += 1
            case UInt8(ascii: "\n"), UInt8(ascii: ";"):
                place += 1
                if depth == 0 { return Token(text: "\n", offset: Int64(place - 1), isCall: false, hasComputedArgument: false) }
            case UInt8(ascii: "\\"): place += 2
            case _ where Self.isName(byte): return name()
            default: place += 1
            }
        }
        return nil
    }

    private mutating func name() -> Token? {
        let start = place
        var text: [UInt8] = []
        while place < source.count, Self.isName(source[place]) || source[place] == UInt8(ascii: ".") || isSpacedDot() {
            if source[place] != 0x20 { text.append(source[place]) }
            place += 1
        }
        // A prefix of a string (r"", b"", f"") is part of the string.
        if place < source.count, source[place] == UInt8(ascii: "\"") || source[place] == UInt8(ascii: "'"), text.count <= 2 {
            skipString()
            return next()
        }
        var after = place
        while after < source.count, source[after] == 0x20 { after += 1 }
        let isCall = after < source.count && source[after] == UInt8(ascii: "(")
        return Token(
            text: String(decoding: text, as: UTF8.self), offset: Int64(start), isCall: isCall, hasComputedArgument: isCall && isComputed(after + 1)
        )
    }

    /// `os . system`: spaces around the dot of a dotted name.
    private func isSpacedDot() -> Bool {
        guard source[place] == 0x20 else { return false }
        var ahead = place
        while ahead < source.count, source[ahead] == 0x20 { ahead += 1 }
        guard ahead < source.count else { return false }
        return source[ahead] == UInt8(ascii: ".") || (place > 0 && source[place - 1] == UInt8(ascii: ".") && Self.isName(source[ahead]))
    }

    private func isComputed(_ start: Int) -> Bool {
        for byte in source[start...].prefix(200) {
            if byte == UInt8(ascii: ")") { return false }
            if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "%") || byte == UInt8(ascii: "(") || byte == UInt8(ascii: "[") { return true }
        }
        return false
    }

    private mutating func skipString() {
        let quote = source[place]
        let isTriple = place + 2 < source.count && source[place + 1] == quote && source[place + 2] == quote
        place += isTriple ? 3 : 1
        while place < source.count {
            if source[place] == UInt8(ascii: "\\") {
                place += 2
            } else if source[place] == quote, !isTriple {
                place += 1
                return
            } else if source[place] == quote, source[place...].prefix(3).allSatisfy({ $0 == quote }), source.count - place >= 3 {
                place += 3
                return
            } else if source[place] == 0x0a, !isTriple {
                return
            } else {
                place += 1
            }
        }
    }

    private static func isName(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte) || byte == 0x5f || byte >= 0x80
    }
}
