import Formats
internal import Glibc

/// Isolation forest: rows that few splits isolate are outliers.
///
/// Source: Liu, Ting and Zhou, "Isolation Forest", 2008; https://github.com/scikit-learn/scikit-learn/blob/main/sklearn/ensemble/_iforest.py
struct IsolationForest: OutlierDetector {
    private let trees: [ScikitTrees]
    private let columns: [[Int]?]
    private let pathLengths: [[Double]]
    private let denominator: Double
    private let offset: Double
    private let width: Int

    init(_ attributes: Attributes) throws {
        width = try attributes.count("n_features_in_")
        let width = width
        let isWhole = try attributes.count("_max_features") == width
        let features = try attributes.items("estimators_features_")
        let allowsMissing = attributes.version >= LibraryVersion(1, 6)
        trees = try attributes.items("estimators_").map { try ScikitTrees([$0], allowsMissing: allowsMissing, of: attributes) }
        guard features.count == trees.count, !trees.isEmpty else { throw attributes.uncovered("estimators_features_") }
        columns = try features.map { value -> [Int]? in
            if isWhole { return nil }
            guard case .array(let array) = value, let indices = array.integers, indices.allSatisfy((0..<width).contains) else {
                throw attributes.uncovered("estimators_features_")
            }
            return indices
        }
        pathLengths = trees.map { tree in zip(tree.leafDepths, tree.sampleCounts).map { Double($0) + Self.averagePathLength($1) } }
        denominator = Double(trees.count) * Self.averagePathLength(try attributes.integer(attributes.has("_max_samples") ? "_max_samples" : "max_samples_"))
        offset = try attributes.number("offset_")
    }

    func decision(_ rows: Rows) throws -> [Double] {
        let input = try rows.missingAllowed(columns: width)
        var depths = [Double](repeating: 0, count: input.rows)
        for (index, tree) in trees.enumerated() {
            let part = columns[index].map { input.columns($0) } ?? input
            tree.ensemble.walk(try tree.rounded(.matrix(part))) { _, row, leaf in depths[row] += pathLengths[index][leaf] }
        }
        return depths.map { depth in -pow(2, denominator == 0 ? -1 : -depth / denominator) - offset }
    }

    /// The average length of an unsuccessful search in a binary tree of that many samples.
    private static func averagePathLength(_ samples: Int) -> Double {
        guard samples > 1 else { return 0 }
        guard samples > 2 else { return 1 }
        let count = Double(samples)
        let eulerGamma = 0.577215664901532860606512090082402431
        return 2 * (log(count - 1) + eulerGamma) - 2 * (count - 1) / count
    }
}
