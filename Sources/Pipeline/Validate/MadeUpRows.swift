internal import Domain
internal import Foundation
internal import Wire

/// Rows of wide range that no uploader thought of, the same for the same signature.
enum MadeUpRows {
    private static let scales = [0.01, 1, 30, 1000]
    private static let rowsOfScale = 16
    /// Numbers of one batch, unless one row alone has more.
    private static let maximumElements = 200_000

    static func requests(for signature: Signature, table: FeatureTable?, limits: PredictLimits) throws -> [InferenceRequest] {
        try batches(for: signature).map { try request($0, table, limits) }
    }

    static func request(_ rows: [String], _ table: FeatureTable?, _ limits: PredictLimits) throws -> InferenceRequest {
        try PredictBody.parse(Array("{\"data\":[\(rows.joined(separator: ","))]}".utf8), .batch, table: table, limits: limits)
    }

    /// A batch for each scale of the numbers, one JSON text for each row.
    static func batches(for signature: Signature) throws -> [[String]] {
        guard let features = signature.features, signature.elementCount <= ValidationHandler.largestMadeRow else { return [] }
        var generator = SplitMix(state: 42)
        let count = max(1, min(rowsOfScale, maximumElements / max(1, signature.elementCount)))
        return scales.map { scale in
            (0..<count).map { _ in "[" + features.map { value(of: $0, scale, &generator) }.joined(separator: ",") + "]" }
        }
    }

    private static func value(of feature: Feature, _ scale: Double, _ generator: inout SplitMix) -> String {
        if feature.nullable, generator.next() % 5 == 0 { return "null" }
        func number() -> String {
            feature.isFloatingPoint ? "\(Double.random(in: -scale...scale, using: &generator))" : "\(generator.next() % 2)"
        }
        switch feature.kind {
        case .number: return feature.nested { _ in number() }
        case .structure: return feature.structured(number())
        case .string: break
        }
        guard let example = feature.examples.randomElement(using: &generator), let text = try? JSONEncoder().encode(example) else { return "\"\"" }
        return String(decoding: text, as: UTF8.self)
    }
}

/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = (state ^ state >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}
