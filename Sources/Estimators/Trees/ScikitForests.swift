import Formats

/// When an estimator of scikit-learn takes missing values, by class and version.
///
/// Source: "Missing values support" in the changelogs of 1.3 (decision trees), 1.4 (random forests) and 1.6 (extra trees).
enum MissingValues {
    static func areAllowed(_ attributes: Attributes) -> Bool {
        if attributes.version >= LibraryVersion(1, 9) { return true }
        guard !attributes.has("monotonic_cst") else { return false }
        let criteria = ["gini", "entropy", "log_loss", "squared_error", "friedman_mse", "poisson"]
        guard attributes.optionalText("criterion").map(criteria.contains) ?? false else { return false }
        let first: LibraryVersion =
            switch attributes.typeName.prefix(5) {
            case "Extra": LibraryVersion(1, 6)
            case "Rando": LibraryVersion(1, 4)
            default: LibraryVersion(1, 3)
            }
        if attributes.typeName.hasPrefix("DecisionTree"), attributes.optionalText("splitter") == "random", attributes.version < LibraryVersion(1, 6) { return false }
        return attributes.version >= first
    }
}

/// A decision tree or a forest of them that votes with the distributions of its leaves.
struct ForestClassifier: ProbabilisticClassifier {
    let classes: [Label]
    private let trees: ScikitTrees

    init(_ attributes: Attributes, trees: [FittedValue]) throws {
        guard try attributes.integer("n_outputs_") == 1 else { throw attributes.uncovered("several outputs") }
        classes = try attributes.labels("classes_")
        self.trees = try ScikitTrees(trees, allowsMissing: MissingValues.areAllowed(attributes), of: attributes).withDistributions(attributes.version)
        guard self.trees.width == classes.count else { throw attributes.uncovered("leaves of \(self.trees.width) classes") }
    }

    func probabilities(_ rows: Rows) throws -> Matrix {
        let input = try trees.rounded(rows)
        var result = Matrix(rows: input.rows, columns: classes.count)
        trees.accumulate(input, into: &result)
        let count = Double(trees.ensemble.treeCount)
        if count > 1 {
            for index in result.values.indices { result.values[index] /= count }
        }
        return result
    }
}

/// A decision tree or a forest of them that tells several labels for each row.
struct ForestLabels: MultiLabelClassifier {
    /// Of each output.
    private let classes: [[Label]]
    private let trees: ScikitTrees
    /// Numbers of one output in a leaf: as many as the output with the most classes has.
    private let stride: Int

    init(_ attributes: Attributes, trees: [FittedValue]) throws {
        classes = try attributes.items("classes_").map { value in
            guard let labels = Attributes.labels(value), !labels.isEmpty else { throw attributes.uncovered("classes_") }
            return labels
        }
        stride = classes.map(\.count).max() ?? 0
        let trees = try ScikitTrees(trees, allowsMissing: MissingValues.areAllowed(attributes), of: attributes)
        guard stride > 0, trees.width == classes.count * stride else { throw attributes.uncovered("leaves of \(trees.width) classes") }
        let stride = stride
        self.trees = attributes.version < LibraryVersion(1, 4) ? trees.mapLeaves { Self.shares(of: $0, stride) } : trees
    }

    /// Before 1.4 leaves held weights, which `predict_proba` divides by the sum of each output's.
    private static func shares(of leaf: [Double], _ stride: Int) -> [Double] {
        Swift.stride(from: 0, to: leaf.count, by: stride).flatMap { start in
            let part = leaf[start..<start + stride]
            let sum = part.reduce(0, +)
            return sum == 0 ? Array(part) : part.map { $0 / sum }
        }
    }

    func labels(_ rows: Rows) throws -> [[Label]] {
        let input = try trees.rounded(rows)
        var sums = Matrix(rows: input.rows, columns: trees.width)
        trees.accumulate(input, into: &sums)
        return (0..<input.rows).map { row in
            classes.enumerated().map { output, classes in
                let values = sums.row(row).dropFirst(output * stride).prefix(classes.count)
                let best = values.indices.max { values[$0] < values[$1] || (values[$0] == values[$1] && $0 > $1) } ?? values.startIndex
                return classes[best - values.startIndex]
            }
        }
    }
}

/// A decision tree or a forest of them that averages the values of its leaves.
struct ForestRegressor: Regressor {
    private let trees: ScikitTrees

    init(_ attributes: Attributes, trees: [FittedValue]) throws {
        self.trees = try ScikitTrees(trees, allowsMissing: MissingValues.areAllowed(attributes), of: attributes)
    }

    func values(_ rows: Rows) throws -> Matrix {
        let input = try trees.rounded(rows)
        var result = Matrix(rows: input.rows, columns: trees.width)
        trees.accumulate(input, into: &result)
        let count = Double(trees.ensemble.treeCount)
        for index in result.values.indices { result.values[index] /= count }
        return result
    }
}

extension ScikitTrees {
    /// Leaves that hold shares of the classes: before 1.4 they held weights, which are divided by their sum as `predict_proba` did.
    func withDistributions(_ version: LibraryVersion) -> ScikitTrees {
        guard version < LibraryVersion(1, 4) else { return self }
        return mapLeaves { leaf in
            let sum = leaf.reduce(0, +)
            return sum == 0 ? leaf : leaf.map { $0 / sum }
        }
    }
}
