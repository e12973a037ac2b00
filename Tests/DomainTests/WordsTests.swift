import Domain
import Foundation
import Testing
import TestSupport

@Suite("The words of the domain")
struct WordsTests {
    @Test(
        "Time is written as RFC 3339 in UTC, as Foundation writes it",
        arguments: [0, 951_782_400_000, 1_709_164_799_999, 4_102_444_800_123, 1_790_000_000_001] as [Int64])
    func time(milliseconds: Int64) {
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
        let expected = formatter.string(from: Date(timeIntervalSince1970: Double(milliseconds) / 1000))
        #expect(Timestamp(milliseconds: milliseconds).description == expected)
    }

    @Test(
        "RFC 3339 is read, and what is none is not",
        arguments: [
            ("2026-11-21T04:05:06Z", "2026-11-21T04:05:06.000Z"), ("2026-11-21t04:05:06.7891z", "2026-11-21T04:05:06.789Z"),
            ("2024-02-29T23:30:00-01:00", "2024-03-01T00:30:00.000Z"), ("1970-01-01T00:00:00+00:00", "1970-01-01T00:00:00.000Z"),
            ("2023-02-29T00:00:00Z", nil), ("2026-11-21T04:05:06", nil), ("2026-11-21", nil), ("2026-13-01T00:00:00Z", nil), ("2026-01-01T24:00:00Z", nil),
            ("2026-01-01T00:00:00.Z", nil), ("2026-01-01T00:00:00+0100", nil), ("", nil),
        ])
    func reading(text: String, expected: String?) {
        #expect(Timestamp(text)?.description == expected)
    }

    @Test(
        "HTTP's dates",
        arguments: [(784_111_777_999, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (951_782_400_000, "Tue, 29 Feb 2000 00:00:00 GMT")])
    func datesOfHTTP(milliseconds: Int64, expected: String) {
        #expect(Timestamp(milliseconds: milliseconds).httpDate == expected)
    }

    @Test("Ids have their prefix and 16 characters, and sort by time")
    func ids() {
        let clock = ManualClock()
        var previous = ModelID(at: clock.now)
        #expect(previous.rawValue.hasPrefix("model_") && previous.rawValue.count == 22)
        for _ in 0..<100 {
            clock.advance(seconds: 1)
            let next = ModelID(at: clock.now)
            #expect(previous < next)
            previous = next
        }
    }

    @Test(
        "An id of another kind, length or alphabet is none",
        arguments: ["", "model_", "usr_01m7y9hfqxm2kas5", "model_01m7y9hfqxm2kas", "model_01M7Y9HFQXM2KAS5", "model_01m7y9hfqxm2ka/5", "model_01m7y9hfqxm2kailo"])
    func wrongIDs(text: String) {
        #expect(ModelID(text) == nil)
    }

    @Test(
        "Versions are three numbers without leading zeros",
        arguments: [
            ("1.2.3", true), ("0.0.1", true), ("1.2", false), ("1.2.3.4", false), ("01.2.3", false), ("1.2.x", false), ("1..3", false), ("-1.2.3", false),
            ("1.2.3-rc", false), ("9999999.0.0", false),
        ])
    func versions(text: String, isVersion: Bool) {
        #expect((SemanticVersion(text) != nil) == isVersion)
        #expect(SemanticVersion(text).map(\.description) == (isVersion ? text : nil))
    }

    @Test("The next version counts numbers, not characters")
    func order() throws {
        let nine = try #require(SemanticVersion("1.9.0"))
        #expect(nine.nextMinor.description == "1.10.0")
        #expect(nine < nine.nextMinor)
    }
}
