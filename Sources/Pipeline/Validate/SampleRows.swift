internal import Domain
internal import Foundation
internal import Wire

/// Rows to try a model with: the uploader's own, or made from the signature.
struct SampleRows {
    /// One JSON text a row, as a caller would send it.
    let rows: [String]
    let isGiven: Bool
    /// The signature with numbers in place of open extents, which the rows were made for; nil for given rows.
    let closed: Signature?

    private static let count = 10
    /// Numbers of all made rows together, unless one row alone has more.
    private static let maximumElements = 200_000

    /// - Parameter sample: The content of `sample_input.json`: one row, an array of rows, or `{"data": …}` around either.
    /// - Throws: `unprocessable` when the sample is no JSON.
    init(sample: Data?, signature: Signature) throws {
        guard let sample else {
            rows = Self.made(for: signature)
            isGiven = false
            closed = signature
            return
        }
        guard let value = try? JSONDecoder().decode(JSONValue.self, from: sample) else {
            throw PlatformError(.unprocessable, "The sample input is not JSON.")
        }
        let data = value["data"] ?? value
        let list: [JSONValue] =
            switch data {
            case .array where Self.depth(data) == signature.features?.onlyArray?.shape?.count: [data]
            case .array(let items) where items.contains(where: Self.isRow): items
            default: [data]
            }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        rows = try list.prefix(100).map { String(decoding: try encoder.encode($0), as: UTF8.self) }
        isGiven = true
        closed = nil
    }

    /// A request of `count` rows, the samples repeated.
    func request(_ count: Int, table: FeatureTable?, limits: PredictLimits) throws -> InferenceRequest {
        let texts = (0..<count).map { rows[$0 % rows.count] }
        return try PredictBody.parse(Array("{\"data\":[\(texts.joined(separator: ","))]}".utf8), .batch, table: table, limits: limits)
    }

    /// Arrays inside of arrays, by the first element of each.
    private static func depth(_ value: JSONValue) -> Int {
        guard case .array(let items) = value else { return 0 }
        return 1 + (items.first.map(depth) ?? 0)
    }

    private static func isRow(_ value: JSONValue) -> Bool {
        switch value {
        case .object, .array: true
        default: false
        }
    }

    /// Values that spread over the range most scaled features have; categories where the model tells some.
    private static func made(for signature: Signature) -> [String] {
        guard let features = signature.features else { return ["{}"] }
        let elements = signature.elementCount
        return (0..<max(1, min(count, maximumElements / max(1, elements)))).map { row in
            let values = features.enumerated().map { index, feature -> String in
                if let example = feature.examples.isEmpty ? nil : feature.examples[row % feature.examples.count] {
                    return (try? JSONEncoder().encode(example)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
                }
                let number = { (element: Int) in
                    let place = row * 7 + index * 3 + element * 5
                    return feature.isFloatingPoint ? "\(Double(place % 20) / 4)" : "\(place % 2)"
                }
                return switch feature.kind {
                case .number: feature.nested(number)
                case .string: feature.nested { _ in "\"\"" }
                case .structure: feature.structured(number(0))
                }
            }
            return "[\(values.joined(separator: ","))]"
        }
    }
}
