package import Domain

/// The columns of a signature, prepared for reading rows: names as bytes, and where each one goes.
package struct FeatureTable: Sendable {
    package let features: [Feature]
    /// Whether all columns are single numbers that a double holds, so that rows become one matrix.
    package let isNumeric: Bool
    let names: [[UInt8]]
    let indices: [String: Int]
    let elements: [ElementReading]

    package init(_ features: [Feature]) {
        self.features = features
        names = features.map { Array($0.name.utf8) }
        indices = Dictionary(features.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        elements = features.map(ElementReading.init)
        isNumeric = features.allSatisfy { $0.shape == nil } && elements.allSatisfy(\.isDouble)
    }
}

/// What one request may hold.
package struct PredictLimits: Sendable {
    package var maximumRows: Int
    /// Bytes.
    package var maximumBody: Int

    package init(maximumRows: Int = 100_000, maximumBody: Int = 64 << 20) {
        self.maximumRows = maximumRows
        self.maximumBody = maximumBody
    }
}
