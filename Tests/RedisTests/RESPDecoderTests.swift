import Domain
import NIOCore
import Testing

@testable import Redis

@Suite("Redis")
struct RESPDecoderTests {
    @Test("Answers are read whole or not at all, however they are cut")
    func pieces() throws {
        let text = "+OK\r\n-ERR no\r\n:-7\r\n$3\r\na\r\n\r\n$-1\r\n*3\r\n:1\r\n*1\r\n$0\r\n\r\n+x\r\n*-1\r\n"
        let expected: [RESPValue] = [
            .text("OK"), .error("ERR no"), .integer(-7), .bytes([0x61, 0x0d, 0x0a]), .bytes(nil), .array([.integer(1), .array([.bytes([])]), .text("x")]), .array(nil),
        ]
        for size in [1, 2, 3, 7, 1000] {
            var decoder = RESPDecoder()
            var buffer = ByteBuffer()
            var found: [RESPValue] = []
            var rest = Array(text.utf8)[...]
            while !rest.isEmpty {
                buffer.writeBytes(rest.prefix(size))
                rest = rest.dropFirst(size)
                while let value = try decoder.decode(buffer: &buffer) { found.append(value) }
            }
            #expect(found == expected, "in pieces of \(size)")
        }
    }

    @Test(
        "What is no answer is refused",
        arguments: ["?\r\n", "$x\r\n", "$99999999999\r\n", "*20000\r\n", "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n", "$1\r\nab\r\n", ":\r\n", "+a\rb"])
    func malformed(text: String) {
        var decoder = RESPDecoder()
        var buffer = ByteBuffer(string: text)
        #expect(throws: RESPDecoder.Malformed.self) { try decoder.decode(buffer: &buffer) }
    }

    @Test("An address names host, port, database and password; its fault does not repeat the password")
    func address() throws {
        let full = try RedisAddress("rediss://me:se%40cret@[::1]:7000/3")
        #expect(full.host == "::1" && full.port == 7000 && full.isSecure && full.greeting == [["AUTH", "me", "se@cret"], ["SELECT", "3"]])
        let plain = try RedisAddress("redis://cache")
        #expect(plain.port == 6379 && plain.greeting.isEmpty && !plain.isSecure)
        #expect(try RedisAddress("redis://:pw@h").greeting == [["AUTH", "pw"]])
        for text in ["", "cache:6379", "http://h", "redis://", "redis://h/x", "redis://h:0", "redis://u:secret@h/?x=1"] {
            let error = #expect(throws: PlatformError.self, "\(text)") { try RedisAddress(text) }
            #expect(error?.message.contains("secret") == false)
        }
    }
}
