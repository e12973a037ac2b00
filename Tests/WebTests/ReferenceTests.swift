import Domain
import Testing

@testable import Web

@Suite("The reference of the API")
struct ReferenceTests {
    @Test(
        "Byte ranges are read as RFC 9110 says",
        arguments: [
            ("bytes=0-0", 0...0), ("bytes=5-", 5...9), ("bytes=-3", 7...9), ("bytes=-30", 0...9), ("bytes=8-100", 8...9), ("bytes=10-", nil), ("bytes=3-2", nil),
            ("bytes=0-1,3-4", nil), ("items=0-1", nil), ("bytes=-0", nil), ("bytes=-", nil), ("bytes=a-b", nil),
        ] as [(String, ClosedRange<Int>?)])
    func ranges(header: String, expected: ClosedRange<Int>?) {
        #expect(ByteRange.parse(header, size: 10) == expected)
    }

    @Test("A path knows its methods, whatever stands in its parameters")
    func methods() {
        let methods = RouteMethods([
            .init(segments: ["a", "{id}"], method: "GET"), .init(segments: ["a", "{id}"], method: "PUT"), .init(segments: ["a"], method: "POST"),
            .init(segments: ["a", "named"], method: "POST"), .init(segments: ["a", "{id}", "b"], method: "GET"), .init(segments: ["a", "named", "c"], method: "PUT"),
        ])
        #expect(methods.methods(at: "/a/named") == ["POST"] && methods.methods(at: "/a/named/b") == ["GET"] && methods.methods(at: "/a/named/c") == ["PUT"])
        #expect(methods.methods(at: "/a/7") == ["GET", "PUT"] && methods.methods(at: "/a/") == ["POST"] && methods.methods(at: "/b").isEmpty)
    }

    @Test("HTTP dates", arguments: [(784_111_777_000, "Sun, 06 Nov 1994 08:49:37 GMT"), (1_790_000_000_000, "Mon, 21 Sep 2026 14:13:20 GMT")] as [(Int64, String)])
    func dates(milliseconds: Int64, expected: String) {
        #expect(HTTPDate.text(Timestamp(milliseconds: milliseconds)) == expected)
    }
}
