/// Reads JSON in one pass, straight into what the caller wants; makes no tree and, but for strings, no allocation.
///
/// Accepts exactly RFC 8259: no NaN, no comments, no trailing commas; depth at most `maximumDepth`.
package struct JSONScanner {
    package let bytes: [UInt8]
    private let maximumDepth: Int
    package private(set) var position = 0
    private var depth = 0

    package init(_ bytes: [UInt8], maximumDepth: Int = 64) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
    }

    package func fault(_ reason: String) -> JSONFault {
        JSONFault(offset: position, reason: reason)
    }

    /// The next byte that is no white space; nil at the end.
    package mutating func peek() -> UInt8? {
        while position < bytes.count {
            let byte = bytes[position]
            guard byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 else { return byte }
            position += 1
        }
        return nil
    }

    /// Takes `byte` if it comes next.
    package mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        position += 1
        return true
    }

    package mutating func expect(_ byte: UInt8) throws(JSONFault) {
        guard take(byte) else {
            let found = peek().map { "'\(Character(UnicodeScalar($0)))'" } ?? "the end"
            throw fault("expected '\(Character(UnicodeScalar(byte)))', found \(found)")
        }
    }

    /// Throws unless nothing but white space is left.
    package mutating func expectEnd() throws(JSONFault) {
        guard peek() == nil else { throw fault("expected the end of the text") }
    }

    /// Walks the members of an object; `body` must take each value.
    package mutating func object<Failure: Error>(
        _ body: (inout JSONScanner, JSONText) throws(Failure) -> Void, mapping: (JSONFault) -> Failure
    ) throws(Failure) {
        do throws(JSONFault) { try open(UInt8(ascii: "{")) } catch { throw mapping(error) }
        if take(UInt8(ascii: "}")) { return close() }
        while true {
            let key: JSONText
            do throws(JSONFault) {
                key = try text()
                try expect(UInt8(ascii: ":"))
            } catch { throw mapping(error) }
            try body(&self, key)
            if take(UInt8(ascii: ",")) { continue }
            do throws(JSONFault) { try expect(UInt8(ascii: "}")) } catch { throw mapping(error) }
            return close()
        }
    }

    /// Walks the elements of an array; `body` must take each one.
    package mutating func array<Failure: Error>(
        _ body: (inout JSONScanner, Int) throws(Failure) -> Void, mapping: (JSONFault) -> Failure
    ) throws(Failure) {
        do throws(JSONFault) { try open(UInt8(ascii: "[")) } catch { throw mapping(error) }
        if take(UInt8(ascii: "]")) { return close() }
        var index = 0
        while true {
            try body(&self, index)
            index += 1
            if take(UInt8(ascii: ",")) { continue }
            do throws(JSONFault) { try expect(UInt8(ascii: "]")) } catch { throw mapping(error) }
            return close()
        }
    }

    /// Takes `true`, `false` or `null`.
    package mutating func literal(_ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard peek() != nil, bytes.count - position >= count else { return false }
        for index in 0..<count where unsafe bytes[position + index] != word.utf8Start[index] { return false }
        position += count
        return true
    }

    /// Passes over a value of any kind and returns where it stood.
    package mutating func skipValue() throws(JSONFault) -> Range<Int> {
        let first = peek()
        let start = position
        switch first {
        case UInt8(ascii: "{"): try object({ (scanner, _) throws(JSONFault) in _ = try scanner.skipValue() }, mapping: { $0 })
        case UInt8(ascii: "["): try array({ (scanner, _) throws(JSONFault) in _ = try scanner.skipValue() }, mapping: { $0 })
        case UInt8(ascii: "\""): _ = try text()
        case UInt8(ascii: "t"): guard literal("true") else { throw fault("expected a value") }
        case UInt8(ascii: "f"): guard literal("false") else { throw fault("expected a value") }
        case UInt8(ascii: "n"): guard literal("null") else { throw fault("expected a value") }
        default: _ = try number()
        }
        return start..<position
    }

    mutating func advance(to place: Int) { position = place }

    private mutating func open(_ bracket: UInt8) throws(JSONFault) {
        try expect(bracket)
        depth += 1
        guard depth <= maximumDepth else { throw fault("nested deeper than \(maximumDepth)") }
    }

    private mutating func close() { depth -= 1 }
}
