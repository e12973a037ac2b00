internal import Crypto
internal import Domain

/// Hashes of secrets that are long and random: fast, since there is nothing to guess.
enum SecretHash {
    /// SHA-256, 64 hexadecimal characters.
    static func hexadecimal(_ secret: String) -> String {
        unsafe SHA256.hash(data: Array(secret.utf8)).withUnsafeBytes { unsafe Array($0) }.hexadecimal
    }

    /// Compares in a time that does not depend on where two texts differ.
    static func areEqual(_ left: String, _ right: String) -> Bool {
        let left = Array(left.utf8)
        let right = Array(right.utf8)
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

/// Random text for keys and tokens, from the system's generator.
enum SecretText {
    /// - Parameter bytes: Entropy; the text is base64url without padding (RFC 4648 section 5).
    static func make(bytes: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        let random = (0..<bytes).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        var text: [UInt8] = []
        var accumulator: UInt32 = 0
        var bits = 0
        for byte in random {
            accumulator = accumulator << 8 | UInt32(byte)
            bits += 8
            while bits >= 6 {
                bits -= 6
                text.append(alphabet[Int(accumulator >> UInt32(bits)) & 63])
            }
        }
        if bits > 0 { text.append(alphabet[Int(accumulator << UInt32(6 - bits)) & 63]) }
        return String(decoding: text, as: UTF8.self)
    }
}
