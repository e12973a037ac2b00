internal import Crypto

/// How a sealed file is laid out: a header of 32 bytes, then chunks of 64 KiB, each with a tag of 16 bytes behind it.
///
/// AES-256-GCM in the STREAM construction (https://eprint.iacr.org/2015/189): the nonce of a chunk is its number and whether it is the
/// last one, so that no chunk can be left out, moved, or taken from the end. A key is used for one file only.
enum SealedLayout {
    static let chunk = 64 << 10
    static let tag = 16
    static let header = 32
    private static let magic = Array("MARTLET SEALED 1".utf8)

    static func header(salt: [UInt8]) -> [UInt8] { magic + salt }

    /// - Returns: The salt; nil for what is no header.
    static func salt(in header: [UInt8]) -> [UInt8]? {
        header.count == Self.header && header.prefix(magic.count).elementsEqual(magic) ? Array(header.suffix(16)) : nil
    }

    static func nonce(_ number: Int64, isLast: Bool) -> AES.GCM.Nonce {
        let bytes = (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) } + [0, 0, 0, isLast ? 1 : 0]
        guard let nonce = try? AES.GCM.Nonce(data: bytes) else { preconditionFailure("a nonce has 12 bytes") }
        return nonce
    }
}
