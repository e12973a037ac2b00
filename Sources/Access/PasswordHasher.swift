internal import CArgon2
internal import Domain
internal import NIOPosix

/// Hashes passwords with argon2id (RFC 9106), off the event loops: one hash costs about 100 ms on purpose.
package struct PasswordHasher: Sendable {
    /// OWASP's first choice: 19 MiB, 2 passes, 1 lane.
    private let memoryKibibytes: UInt32
    private let passes: UInt32

    package init(memoryKibibytes: UInt32 = 19_456, passes: UInt32 = 2) {
        self.memoryKibibytes = memoryKibibytes
        self.passes = passes
    }

    /// - Returns: The encoded hash with its salt and parameters: `$argon2id$v=19$…`.
    package func hash(_ password: String) async throws -> String {
        let (memory, passes) = (memoryKibibytes, passes)
        return try await NIOThreadPool.singleton.runIfActive {
            var generator = SystemRandomNumberGenerator()
            let salt = (0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let secret = Array(password.utf8)
            var encoded = [CChar](repeating: 0, count: 256)
            let code = unsafe argon2id_hash_encoded(passes, memory, 1, secret, secret.count, salt, salt.count, 32, &encoded, encoded.count)
            guard code == ARGON2_OK.rawValue else { throw PlatformError(.internalError, "The password could not be hashed.", cause: Argon2Failure(code: code)) }
            return String(decoding: encoded.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }

    package func verify(_ password: String, against encoded: String) async throws -> Bool {
        try await NIOThreadPool.singleton.runIfActive {
            let secret = Array(password.utf8)
            return unsafe argon2id_verify(encoded, secret, secret.count) == ARGON2_OK.rawValue
        }
    }
}

private struct Argon2Failure: Error {
    let code: Int32
}
