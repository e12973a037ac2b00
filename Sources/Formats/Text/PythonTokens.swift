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
            case _ where Self.isName(byte):
                if let token = name() { return token }
            default: place += 1
            }
        }
        return nil
    }

    /// - Returns: nil when the name is the prefix of a string.
    private mutating func name() -> Token? {
        let start = place
        var text: [UInt8] = []
        while place < source.count {
            if Self.isName(source[place]) || source[place] == UInt8(ascii: ".") {
                text.append(source[place])
                place += 1
            } else if let next = endOfSpacedDot() {
                place = next
            } else {
                break
            }
        }
        // A prefix of a string (r"", b"", f"") is part of the string.
        if place < source.count, source[place] == UInt8(ascii: "\"") || source[place] == UInt8(ascii: "'"), text.count <= 2 {
            skipString()
            return nil
        }
        var after = place
        while after < source.count, source[after] == 0x20 { after += 1 }
        let isCall = after < source.count && source[after] == UInt8(ascii: "(")
        return Token(
            text: String(decoding: text, as: UTF8.self), offset: Int64(start), isCall: isCall, hasComputedArgument: isCall && isComputed(after + 1)
        )
    }

    /// `os . system`: where the spaces around the dot of a dotted name end; nil when they are no such spaces.
    private func endOfSpacedDot() -> Int? {
        guard source[place] == 0x20 else { return nil }
        let ahead = source[place...].prefix(64).firstIndex { $0 != 0x20 } ?? place
        guard ahead > place else { return nil }
        let isBefore = source[ahead] == UInt8(ascii: ".")
        let isBehind = place > 0 && source[place - 1] == UInt8(ascii: ".") && Self.isName(source[ahead])
        return isBefore || isBehind ? ahead : nil
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
