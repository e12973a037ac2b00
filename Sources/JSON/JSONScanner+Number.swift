extension JSONScanner {
    /// Takes a number; exact to the last bit, as `strtod` reads it.
    /// - Throws: when it is no JSON number, or beyond the range of a double.
    package mutating func number() throws(JSONFault) -> Double {
        guard peek() != nil else { throw fault("expected a value, found the end") }
        let start = position
        var place = position
        let isNegative = bytes[place] == UInt8(ascii: "-")
        if isNegative { place += 1 }
        var mantissa: UInt64 = 0
        var digits = 0
        let integerStart = place
        while place < bytes.count, let digit = Self.digit(bytes[place]) {
            if digits < 19 { mantissa = mantissa &* 10 &+ digit }
            if mantissa != 0 { digits += 1 }
            place += 1
        }
        guard place > integerStart else { throw fault("expected a value") }
        guard bytes[integerStart] != 0x30 || place == integerStart + 1 else { throw fault("a number may not begin with 0") }
        var exponent = 0
        if place < bytes.count, bytes[place] == UInt8(ascii: ".") {
            place += 1
            let fractionStart = place
            while place < bytes.count, let digit = Self.digit(bytes[place]) {
                if digits < 19 {
                    mantissa = mantissa &* 10 &+ digit
                    exponent -= 1
                }
                if mantissa != 0 { digits += 1 }
                place += 1
            }
            guard place > fractionStart else { throw fault("expected a digit after the point") }
        }
        if place < bytes.count, bytes[place] | 0x20 == UInt8(ascii: "e") {
            place = try self.exponent(after: place + 1, into: &exponent)
        }
        advance(to: place)
        if digits < 19, mantissa <= 1 << 53, exponent >= -22, exponent <= 22 {
            let value = exponent < 0 ? Double(mantissa) / Self.powersOfTen[-exponent] : Double(mantissa) * Self.powersOfTen[exponent]
            return isNegative ? -value : value
        }
        return try slow(start..<place)
    }

    /// Takes a number that is whole and in the range of its type: to the last digit, however large.
    /// - Returns: nil for any other value, which is skipped; `3.0` and `1e3` are whole, as far as a double tells whole numbers apart.
    package mutating func integer<Integer: FixedWidthInteger>() throws(JSONFault) -> Integer? {
        guard let first = peek(), first == UInt8(ascii: "-") || Self.digit(first) != nil else {
            _ = try skipValue()
            return nil
        }
        let start = position
        let value = try number()
        let text = bytes[start..<position]
        guard text.allSatisfy({ $0 == UInt8(ascii: "-") || Self.digit($0) != nil }) else {
            return value.magnitude < 0x1p53 ? Integer(exactly: value) : nil
        }
        return Integer(String(decoding: text, as: UTF8.self))
    }

    private func exponent(after start: Int, into exponent: inout Int) throws(JSONFault) -> Int {
        var place = start
        var isNegative = false
        if place < bytes.count, bytes[place] == UInt8(ascii: "-") || bytes[place] == UInt8(ascii: "+") {
            isNegative = bytes[place] == UInt8(ascii: "-")
            place += 1
        }
        let digitsStart = place
        var value = 0
        while place < bytes.count, let digit = Self.digit(bytes[place]) {
            value = min(value * 10 + Int(digit), 100_000)
            place += 1
        }
        guard place > digitsStart else { throw fault("expected a digit in the exponent") }
        exponent += isNegative ? -value : value
        return place
    }

    private func slow(_ range: Range<Int>) throws(JSONFault) -> Double {
        guard let value = Double(String(decoding: bytes[range], as: UTF8.self)), value.isFinite else {
            throw JSONFault(offset: range.lowerBound, reason: "a number beyond the range of 64-bit floating point")
        }
        return value
    }

    private static func digit(_ byte: UInt8) -> UInt64? {
        let value = byte &- 0x30
        return value <= 9 ? UInt64(value) : nil
    }

    /// Powers that a double holds exactly: Clinger, "How to read floating point numbers accurately", 1990.
    private static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ]
}
