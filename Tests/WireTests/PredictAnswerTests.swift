import Domain
import Foundation
import Testing

@testable import Wire

@Suite("Answers of predictions")
struct PredictAnswerTests {
    private struct Nobody: ModelRunner {
        func predict(_ request: InferenceRequest, deadline: Duration) async throws -> InferenceResponse { InferenceResponse(outputs: [], modelMilliseconds: 0) }
        func retire() {}
        var log: String? { nil }
    }

    private func deployment(_ classes: [JSONValue] = []) -> Deployment {
        let now = Timestamp(milliseconds: 0)
        return Deployment(
            modelID: ModelID(stored: "model_x"), versionID: VersionID(at: now), version: .first,
            signature: Signature(features: nil, task: .classification, classes: classes, givesProbabilities: true),
            rules: ModelRules(ownerID: UserID(at: now), isPublic: false),
            api: nil, runtime: .python, runner: Nobody()
        )
    }

    private func decode(_ bytes: [UInt8]) throws -> JSONValue { try JSONDecoder().decode(JSONValue.self, from: Data(bytes)) }

    @Test("A classifier answers probabilities, label, classes and confidence")
    func classifier() throws {
        let outputs = [
            Tensor(name: "probabilities", shape: [1, 2], storage: .float64([0.25, 0.75])), Tensor(name: "labels", shape: [1], storage: .strings(["a \"b\"\n"])),
        ]
        let answer = try decode(
            try PredictAnswer.single(InferenceResponse(outputs: outputs, modelMilliseconds: 1), of: AnswerParts(deployment(["x", 2])), milliseconds: 1.23456))
        #expect(answer["prediction"] == [0.25, 0.75] && answer["label"] == "a \"b\"\n" && answer["confidence"] == 0.75)
        #expect(answer["classes"] == ["x", 2] && answer["inference_time_ms"] == 1.235 && answer["version"] == "1.0.0" && answer["warnings"] == nil)
    }

    @Test("NaN and infinity become null, with a warning")
    func nonFinite() throws {
        let outputs = [Tensor(name: "values", shape: [3], storage: .float64([1, .nan, -.infinity]))]
        let answer = try decode(
            try PredictAnswer.batch(InferenceResponse(outputs: outputs, modelMilliseconds: 1), rows: 3, of: AnswerParts(deployment()), milliseconds: 1))
        #expect(answer["predictions"] == [1, .null, .null])
        #expect(answer["warnings"]?.arrayValue?.count == 1)
    }

    @Test(
        "A model that answers another number of rows is an error",
        arguments: [
            [Tensor(name: "labels", shape: [3, 0], storage: .int64([]))], [Tensor(name: "values", shape: [2], storage: .float64([1, 2]))],
            [Tensor(name: "values", shape: [3], storage: .float64([1]))], [],
        ])
    func mismatch(outputs: [Tensor]) {
        #expect(throws: PlatformError.self) {
            try PredictAnswer.batch(InferenceResponse(outputs: outputs, modelMilliseconds: 1), rows: 3, of: AnswerParts(deployment()), milliseconds: 1)
        }
    }
}
