import Foundation
import Testing

@testable import JSON

@Suite("Scanning JSON")
struct JSONScannerTests {
    private func valid(_ bytes: [UInt8]) -> Bool {
        var scanner = JSONScanner(bytes)
        do {
            _ = try scanner.skipValue()
            try scanner.expectEnd()
            return true
        } catch {
            return false
        }
    }

    @Test(
        "What is JSON is taken, what is not is refused",
        arguments: [
            ("{}", true), ("[]", true), (" [1, 2.5e3, -0.0, \"a\\u00e9\\n\", true, false, null] ", true), ("{\"a\":{\"b\":[{}]}}", true),
            ("", false), ("{", false), ("[1,]", false), ("{\"a\":1,}", false), ("01", false), ("+1", false), (".5", false), ("1.", false),
            ("1e", false), ("NaN", false), ("Infinity", false), ("1e999", false), ("\"\u{1}\"", false), ("\"abc", false), ("tru", false),
            ("[1] 2", false), ("{1:2}", false), ("{\"a\" 1}", false), ("'a'", false), ("-", false), ("\"\\", false),
        ])
    func grammar(text: String, expected: Bool) {
        #expect(valid(Array(text.utf8)) == expected)
    }

    @Test("Bytes that are no UTF-8 and depth beyond the limit are refused")
    func hostile() {
        #expect(!valid([0x22, 0xff, 0x22]))
        #expect(valid(Array(String(repeating: "[", count: 64).utf8) + Array(String(repeating: "]", count: 64).utf8)))
        #expect(!valid([UInt8](repeating: 0x5b, count: 200_000)))
    }

    @Test("Numbers read to the same bits as strtod, also after a random walk through bit patterns")
    func numbers() throws {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let value = Double(bitPattern: UInt64.random(in: .min ... .max, using: &generator))
            guard value.isFinite else { continue }
            var scanner = JSONScanner(Array(value.description.utf8))
            #expect(try scanner.number().bitPattern == value.bitPattern)
        }
        for text in ["0", "-0", "9007199254740993", "123456789012345678901234567890", "1e-400", "0.1", "4.9e-324", "1e22", "1e23", "0.000001e6", "0.30000000000000004"] {
            var scanner = JSONScanner(Array(text.utf8))
            let reference = unsafe strtod(text, nil)
            #expect(try scanner.number().bitPattern == reference.bitPattern, "\(text)")
        }
    }

    @Test("Strings decode as Foundation decodes them")
    func strings() throws {
        for text in [#""a""#, #""\u00e9\ud83d\ude00\\\/\"\b\f\n\r\t""#, "\"é日\""] {
            var scanner = JSONScanner(Array(text.utf8))
            let found = try scanner.string(try scanner.text())
            #expect(try JSONDecoder().decode(String.self, from: Data(text.utf8)) == found)
        }
        for text in [#""\ud800""#, #""\ud800\u0041""#, #""\x""#, #""\u12""#] {
            var scanner = JSONScanner(Array(text.utf8))
            #expect(throws: JSONFault.self) { try scanner.string(try scanner.text()) }
        }
    }

    @Test("Mutated texts are judged as Foundation judges them")
    func agreesWithFoundation() {
        let seed = Array(#"{"data":{"a":1.5,"b":-2e3,"c":"x\n","d":[null,true,false]},"e":""}"#.utf8)
        var generator = SystemRandomNumberGenerator()
        let pool = Array("{}[]\",:.-+eE0123456789truefalsn \\".utf8)
        for _ in 0..<5000 {
            var bytes = seed
            for _ in 0..<2 { bytes[Int.random(in: 0..<bytes.count, using: &generator)] = pool.randomElement(using: &generator) ?? 0 }
            // Foundation takes a comma before a closing brace, which RFC 8259 does not.
            guard !String(decoding: bytes, as: UTF8.self).filter({ $0 != " " }).contains(",}") else { continue }
            let ours = valid(bytes) && strictlyDecodable(bytes)
            let theirs = (try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)) != nil
            #expect(ours == theirs, "\(String(decoding: bytes, as: UTF8.self))")
        }
    }

    /// Escapes are checked when a string is decoded, not when it is passed over.
    private func strictlyDecodable(_ bytes: [UInt8]) -> Bool {
        var scanner = JSONScanner(bytes)
        return (try? decodeAll(&scanner)) != nil
    }

    private func decodeAll(_ scanner: inout JSONScanner) throws(JSONFault) {
        switch scanner.peek() {
        case UInt8(ascii: "{"):
            try scanner.object(
                { (inner, key) throws(JSONFault) in
                    _ = try inner.string(key)
                    try decodeAll(&inner)
                }, mapping: { $0 })
        case UInt8(ascii: "["): try scanner.array({ (inner, _) throws(JSONFault) in try decodeAll(&inner) }, mapping: { $0 })
        case UInt8(ascii: "\""): _ = try scanner.string(try scanner.text())
        default: _ = try scanner.skipValue()
        }
    }
}
