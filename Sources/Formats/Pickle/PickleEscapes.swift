/// The two escape languages of protocol 0; a name written in escapes must be judged like the plain one.
enum PickleEscapes {
    /// UNICODE: Latin-1 bytes in which `\uXXXX` and `\UXXXXXXXX` are escapes (Python's codec `raw_unicode_escape`).
    static func rawUnicode(_ bytes: [UInt8]) -> String? {
        var scalars = String.UnicodeScalarView()
        var rest = bytes[...]
        while let byte = rest.popFirst() {
            let width = byte == UInt8(ascii: "\\") ? ["u": 4, "U": 8][rest.first.map { UnicodeScalar($0) } ?? " "] : nil
            if let width {
                guard let scalar = hexadecimal(rest.dropFirst().prefix(width), count: width) else { return nil }
                scalars.append(scalar)
                rest = rest.dropFirst(width + 1)
            } else {
                scalars.append(UnicodeScalar(byte))
            }
        }
        return String(scalars)
    }

    /// STRING: a Python 2 string literal without its quotes (`\n`, `\x41`, `\101`, `\\`).
    static func stringLiteral(_ bytes: [UInt8]) -> String? {
        var result: [UInt8] = []
        var rest = bytes[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                result.append(byte)
                continue
            }
            guard let letter = rest.popFirst() else { return nil }
            switch UnicodeScalar(letter) {
            case "x":
                guard let scalar = hexadecimal(rest.prefix(2), count: 2) else { return nil }
                result.append(UInt8(scalar.value))
                rest = rest.dropFirst(2)
            case "0"..."7":
                let digits = rest.prefix(2).prefix { (0x30...0x37).contains($0) }
                rest = rest.dropFirst(digits.count)
                result.append(digits.reduce(letter - 0x30) { $0 << 3 | ($1 - 0x30) })
            case let escape:
                let plain: [UnicodeScalar: UInt8] = [
                    "n": 0x0a, "r": 0x0d, "t": 0x09, "a": 0x07, "b": 0x08, "f": 0x0c, "v": 0x0b, "\\": 0x5c, "'": 0x27, "\"": 0x22,
                ]
                result += plain[escape].map { [$0] } ?? [byte, letter]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func hexadecimal(_ digits: ArraySlice<UInt8>, count: Int) -> Unicode.Scalar? {
        guard digits.count == count, let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16) else { return nil }
        return Unicode.Scalar(value)
    }
}
