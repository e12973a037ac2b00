internal import Crypto

/// Seals one file as it comes.
package struct Sealer: Sendable {
    private let key: SymmetricKey
    private var pending: [UInt8] = []
    private var number: Int64 = 0
    /// What stands before the first chunk.
    package let header: [UInt8]

    /// - Parameter role: What the file is to its folder; whoever opens it must say the same.
    package init(_ key: FileKey, role: String) {
        var generator = SystemRandomNumberGenerator()
        let salt = (0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) }
        self.key = key.key(of: role, salt: salt)
        header = SealedLayout.header(salt: salt)
    }

    /// - Returns: The chunks that are full and surely not the last one.
    package mutating func seal(_ bytes: UnsafeRawBufferPointer) throws -> [UInt8] {
        var sealed: [UInt8] = []
        sealed.reserveCapacity(bytes.count + bytes.count / SealedLayout.chunk * SealedLayout.tag + SealedLayout.chunk)
        var rest = unsafe bytes[...]
        if !pending.isEmpty {
            let missing = SealedLayout.chunk - pending.count
            unsafe pending.append(contentsOf: rest.prefix(missing))
            unsafe rest = rest.dropFirst(missing)
            guard unsafe !rest.isEmpty else { return sealed }
            try unsafe pending.withUnsafeBytes { unsafe try add($0, isLast: false, to: &sealed) }
            pending.removeAll(keepingCapacity: true)
        }
        while unsafe rest.count > SealedLayout.chunk {
            unsafe try add(UnsafeRawBufferPointer(rebasing: rest.prefix(SealedLayout.chunk)), isLast: false, to: &sealed)
            unsafe rest = rest.dropFirst(SealedLayout.chunk)
        }
        unsafe pending.append(contentsOf: rest)
        return sealed
    }

    /// - Returns: The last chunk. Nothing may be sealed after it.
    package mutating func finish() throws -> [UInt8] {
        var sealed: [UInt8] = []
        try unsafe pending.withUnsafeBytes { unsafe try add($0, isLast: true, to: &sealed) }
        return sealed
    }

    private mutating func add(_ chunk: UnsafeRawBufferPointer, isLast: Bool, to sealed: inout [UInt8]) throws {
        let box = unsafe try AES.GCM.seal(chunk, using: key, nonce: SealedLayout.nonce(number, isLast: isLast))
        sealed.append(contentsOf: box.ciphertext)
        sealed.append(contentsOf: box.tag)
        number += 1
    }
}
