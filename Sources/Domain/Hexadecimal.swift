extension Sequence where Element == UInt8 {
    /// Two lower-case hexadecimal digits for each byte.
    package var hexadecimal: String { Array(self).hexadecimal }
}

extension [UInt8] {
    package var hexadecimal: String {
        let digits = unsafe [UInt8](unsafeUninitializedCapacity: 2 * count) { buffer, filled in
            for (place, byte) in enumerated() {
                unsafe buffer.initializeElement(at: 2 * place, to: Self.digit(byte >> 4))
                unsafe buffer.initializeElement(at: 2 * place + 1, to: Self.digit(byte & 15))
            }
            filled = 2 * count
        }
        return String(decoding: digits, as: UTF8.self)
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }

    /// - Returns: nil for anything but pairs of hexadecimal digits.
    package init?(hexadecimal text: some StringProtocol) {
        let digits = text.utf8.map { UInt8(truncatingIfNeeded: $0) }.compactMap(Self.value)
        guard digits.count == text.utf8.count, digits.count.isMultiple(of: 2) else { return nil }
        self = stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x61...0x66: digit - 0x57
        case 0x41...0x46: digit - 0x37
        default: nil
        }
    }
}
