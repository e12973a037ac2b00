/// Headers of a tar archive: ustar, https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html#tag_20_92_13_06
package enum TarHeader {
    package static let block = 512

    /// - Parameters:
    ///   - name: At most 100 bytes.
    ///   - size: Below 8 GiB, as eleven octal digits say it.
    ///   - seconds: When the file was changed, since 1970.
    /// - Returns: nil for what the form cannot say.
    package static func bytes(name: String, size: Int64, seconds: Int64) -> [UInt8]? {
        guard (1...100).contains(name.utf8.count), (0..<(1 << 33)).contains(size) else { return nil }
        var header = [UInt8](repeating: 0, count: block)
        func put(_ text: some StringProtocol, at place: Int) { header.replaceSubrange(place..<place + text.utf8.count, with: text.utf8) }
        func octal(_ number: Int64, _ digits: Int) -> String {
            let text = String(max(0, number), radix: 8)
            return String(repeating: "0", count: max(0, digits - text.count)) + text
        }
        put(name, at: 0)
        put("0000644\0", at: 100)
        put("0000000\0", at: 108)
        put("0000000\0", at: 116)
        put(octal(size, 11) + "\0", at: 124)
        put(octal(seconds, 11) + "\0", at: 136)
        put("        ", at: 148)
        put("0", at: 156)
        put("ustar\u{0}00", at: 257)
        let sum = header.reduce(0) { $0 + Int($1) }
        put(octal(Int64(sum), 6) + "\0 ", at: 148)
        return header
    }

    /// Zeroes after a file of `size` bytes.
    package static func padding(_ size: Int64) -> Int { Int((Int64(block) - size % Int64(block)) % Int64(block)) }

    /// Two blocks of zeroes.
    package static let end = [UInt8](repeating: 0, count: 2 * block)
}
