import Testing

@testable import Formats

@Suite("JSON documents")
struct JSONDocumentTests {
    private func read(_ text: String) throws -> JSONNode { try JSONDocument.read(Array(text.utf8)) }

    @Test("Keys are told apart by their bytes, and keep their order")
    func keys() throws {
        guard case .object(let members) = try read(#"{"b":1,"\u00e9":2,"e\u0301":3,"a":4}"#) else { return #expect(Bool(false)) }
        #expect(members.map { Array($0.key.utf8) } == ["b", "\u{e9}", "e\u{301}", "a"].map { Array($0.utf8) })
        #expect(throws: ReadFault.self) { try read(#"{"a":1,"\u0061":2}"#) }
        #expect(throws: ReadFault.self) { try read(#"{"x":{"a":1,"a":2}}"#) }
    }

    @Test("Numbers stay whole where they were")
    func numbers() throws {
        guard case .array(let items) = try read("[1,-9223372036854775808,1.0,1e3,9223372036854775808]") else { return #expect(Bool(false)) }
        let kinds = items.map { item in
            switch item {
            case .int: "int"
            case .double: "double"
            default: "other"
            }
        }
        #expect(kinds == ["int", "int", "double", "double", "double"])
    }

    @Test("Depth and the number of values are bounded")
    func limits() throws {
        _ = try read(String(repeating: "[", count: 256) + String(repeating: "]", count: 256))
        #expect(throws: ReadFault.self) { try read(String(repeating: "[", count: 257) + String(repeating: "]", count: 257)) }
        let many = repeatElement("0", count: 999_999)
        _ = try read("[\(many.joined(separator: ","))]")
        #expect(throws: ReadFault.self) { try read("[\(many.joined(separator: ",")),0]") }
    }

    @Test("What is no JSON is refused", arguments: ["", "{", "[1,]", "{\"a\"}", "nul", "01", "[1] 2", "\u{feff}{}", "NaN", "'a'"])
    func refused(text: String) {
        #expect(throws: ReadFault.self) { try read(text) }
    }
}
