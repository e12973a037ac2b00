import Domain
import Testing

@testable import Wire

@Suite("Rows into tensors")
struct PredictBodyTests {
    private let numeric = FeatureTable([Feature(name: "a", kind: .number, nullable: false), Feature(name: "b/c", kind: .number, nullable: true)])
    private let mixed = FeatureTable([Feature(name: "n", kind: .number, nullable: true), Feature(name: "t", kind: .string, nullable: false)])

    private func parse(_ body: String, _ table: FeatureTable?, rows: Int = 100) throws -> InferenceRequest {
        try PredictBody.parse(Array(body.utf8), .batch, table: table, limits: PredictLimits(maximumRows: rows))
    }

    @Test("Objects in any order and arrays become one matrix in the model's order")
    func matrix() throws {
        let request = try parse(#"{"other": [{}], "data": [{"b/c": 2, "a": 1}, [3, 4], {"a": -5e-1, "b/c": 0}]}"#, numeric)
        #expect(request == InferenceRequest(rows: 3, inputs: [Tensor(name: "input", shape: [3, 2], storage: .float64([1, 2, 3, 4, -0.5, 0]))]))
    }

    @Test("Mixed columns stay columns; a missing value is NaN or nil")
    func columns() throws {
        let request = try parse(#"{"data": [{"t": "Rome\n", "n": 1}, {"t": "é", "n": null}]}"#, mixed)
        #expect(request.inputs[1] == Tensor(name: "t", shape: [2], storage: .strings(["Rome\n", "é"])))
        guard case .float64(let numbers) = request.inputs[0].storage else { return #expect(Bool(false), "no numbers") }
        #expect(numbers[0] == 1 && numbers[1].isNaN)
    }

    @Test("Whole numbers of 64 bits are read to the last digit, and nothing else is taken for them")
    func wholeNumbers() throws {
        let table = FeatureTable([
            Feature(name: "i", kind: .number, nullable: false, datatype: "int64"), Feature(name: "u", kind: .number, nullable: false, datatype: "uint64"),
            Feature(name: "b", kind: .number, nullable: false, datatype: "uint8"),
        ])
        let request = try parse(#"{"data": [[-9223372036854775808, 18446744073709551615, 255], {"u": 1e3, "b": 0, "i": 9007199254740993}]}"#, table)
        #expect(request.inputs.map(\.storage) == [.int64([.min, 9_007_199_254_740_993]), .uint64([.max, 1000]), .float64([255, 0])])
        for wrong in [
            "[0.5, 0, 0]", "[0, -1, 0]", "[0, 0, 256]", "[9223372036854775808, 0, 0]", "[9007199254740993.0, 0, 0]", "[\"1\", 0, 0]", "[null, 0, 0]", "[true, 0, 0]",
        ] {
            #expect(throws: PlatformError.self, "\(wrong)") { try parse("{\"data\": [\(wrong)]}", table) }
        }
    }

    @Test("Sequences and maps go on as the JSON that they are")
    func structures() throws {
        let table = FeatureTable([
            Feature(name: "list", kind: .structure, nullable: false, datatype: "sequence(float32)", shape: [nil]),
            Feature(name: "map", kind: .structure, nullable: false, datatype: "map(string,float32)"),
        ])
        let request = try parse(#"{"data": [{"map": {"a": 1}, "list": [[1, 2], [3]]}]}"#, table)
        #expect(request.inputs.map(\.storage) == [.json(["[[1, 2], [3]]"]), .json([#"{"a": 1}"#])])
        for wrong in [#"{"map": [], "list": []}"#, #"{"map": {}, "list": {}}"#, #"{"map": {}, "list": null}"#] {
            #expect(throws: PlatformError.self, "\(wrong)") { try parse("{\"data\": [\(wrong)]}", table) }
        }
    }

    @Test("A model without columns takes any JSON, a row at a time")
    func free() throws {
        #expect(try parse(#"{"data": [{"x": [1, 2]}, "text"]}"#, nil).inputs == [Tensor(name: "rows", shape: [2], storage: .json([#"{"x": [1, 2]}"#, #""text""#]))])
    }

    @Test(
        "Every fault is named by its pointer",
        arguments: [
            (#"{"data": [{"a": "x", "b/c": 1}]}"#, ["/data/0/a: expected a number"]), (#"{"data": [{"a": true, "b/c": 1}]}"#, ["/data/0/a: expected a number"]),
            (#"{"data": [[1, 2], {"b/c": 1}]}"#, ["/data/1/a: missing"]), (#"{"data": [{"a": null, "b/c": null}]}"#, ["/data/0/a: must not be null"]),
            (#"{"data": [{"a": 1, "b/c": 1, "z~/": 2}]}"#, ["/data/0/z~0~1: unknown feature"]), (#"{"data": [{"a": 1, "b/c": 1, "a": 2}]}"#, ["/data/0/a: given twice"]),
            (#"{"data": [{"a": 1}]}"#, ["/data/0/b~1c: missing; give null where there is no value"]),
            (#"{"data": [[1, 2, 3]]}"#, ["/data/0: expected 2 values in the model's order, found 3"]),
            (#"{"data": {}}"#, ["/data: expected an array of rows"]), (#"{"data": []}"#, ["/data: expected at least one row, found none"]),
            (#"{}"#, ["/data: expected the member 'data', found none"]), (#"{"data": [[1,2]], "data": [[1,2]]}"#, ["/data: given twice"]),
        ] as [(String, [String])])
    func faults(body: String, expected: [String]) throws {
        let error = #expect(throws: PlatformError.self) { try parse(body, numeric) }
        #expect(error?.code == .schemaViolation)
        let found = error?.details?["errors"]?.arrayValue?.map { "\($0["pointer"]?.stringValue ?? ""): \($0["message"]?.stringValue ?? "")" }
        #expect(found == expected)
    }

    @Test("Too many rows name the limit, and a thousand faults are cut at twenty")
    func limits() {
        let many = #"{"data": ["# + Array(repeating: "[1,2]", count: 101).joined(separator: ",") + "]}"
        #expect(#expect(throws: PlatformError.self) { try parse(many, numeric) }?.code == .payloadTooLarge)
        let wrong = #"{"data": ["# + Array(repeating: "[]", count: 90).joined(separator: ",") + "]}"
        #expect(#expect(throws: PlatformError.self) { try parse(wrong, numeric) }?.details?["errors"]?.arrayValue?.count == 20)
    }

    @Test("What is no JSON is told apart from what does not fit")
    func syntax() {
        for body in ["", "{", "[1]", #"{"data": [[1, 2]"#, #"{"data": [[1, NaN]]}"#, #"{"data": [[1, 2]]} x"#] {
            #expect(#expect(throws: PlatformError.self) { try parse(body, numeric) }?.code == .invalidJSON, "\(body)")
        }
    }
}
