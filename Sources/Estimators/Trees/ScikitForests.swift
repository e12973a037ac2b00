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
