/// Addresses that begin alike, in CIDR notation: `10.0.0.0/8`, `2001:db8::/32`, or one address. RFC 4632, RFC 4291.
///
/// An IPv4 address inside of IPv6 (`::ffff:10.0.0.1`) counts as the IPv4 address that it is.
package struct AddressRange: Sendable, Hashable, CustomStringConvertible {
    private let bytes: [UInt8]
    private let bits: Int

    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = Self.address(String(parts[0])) else { return nil }
        var bits = address.count * 8
        if parts.count == 2 {
            guard let stated = Int(parts[1]), parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), (0...bits).contains(stated) else { return nil }
            bits = stated
        }
        self.bits = bits
        bytes = address.enumerated().map { index, byte in byte & Self.mask(bits - index * 8) }
    }

    package func contains(_ text: String) -> Bool {
        guard let address = Self.address(text), address.count == bytes.count else { return false }
        return zip(address, bytes).enumerated().allSatisfy { index, pair in pair.0 & Self.mask(bits - index * 8) == pair.1 }
    }

    package var description: String {
        let address =
            bytes.count == 4
            ? bytes.map(String.init).joined(separator: ".")
            : stride(from: 0, to: 16, by: 2).map { String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16) }.joined(separator: ":")
        return bits == bytes.count * 8 ? address : "\(address)/\(bits)"
    }

    /// The bits of a byte that belong to a prefix of which `bits` are left.
    private static func mask(_ bits: Int) -> UInt8 {
        bits >= 8 ? 0xff : bits <= 0 ? 0 : ~(0xff >> UInt8(bits))
    }

    /// 4 or 16 bytes.
    private static func address(_ text: String) -> [UInt8]? {
        if text.contains(":") {
            guard let bytes = version6(text) else { return nil }
            return bytes.prefix(10).allSatisfy({ $0 == 0 }) && bytes[10] == 0xff && bytes[11] == 0xff ? Array(bytes[12...]) : bytes
        }
        return version4(Substring(text))
    }

    private static func version4(_ text: Substring) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let bytes = parts.compactMap { part in
            part.utf8.allSatisfy { (0x30...0x39).contains($0) } && (part.count == 1 || part.first != "0") ? UInt8(part) : nil
        }
        return parts.count == 4 && bytes.count == 4 ? bytes : nil
    }

    private static func version6(_ text: String) -> [UInt8]? {
        let text = text.prefix { $0 != "%" }  // the zone of a link-local address
        let halves = text.split(separator: "::", maxSplits: 1, omittingEmptySubsequences: false)
        let sides = halves.map { groups($0) }
        guard let first = sides[0] else { return nil }
        guard sides.count == 2 else { return first.count == 16 ? first : nil }
        guard let last = sides[1], first.count + last.count <= 14 else { return nil }
        return first + [UInt8](repeating: 0, count: 16 - first.count - last.count) + last
    }

    private static func groups(_ text: Substring) -> [UInt8]? {
        guard !text.isEmpty else { return [] }
        var bytes: [UInt8] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if part.contains("."), index == parts.count - 1 {
                guard let inner = version4(part) else { return nil }
                bytes += inner
            } else {
                guard (1...4).contains(part.utf8.count), part.allSatisfy(\.isHexDigit), let group = UInt16(part, radix: 16) else { return nil }
                bytes += [UInt8(group >> 8), UInt8(group & 0xff)]
            }
        }
        return bytes.count <= 16 ? bytes : nil
    }
}
