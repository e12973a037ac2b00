import Formats

/// Trees of scikit-learn, read from the node tables of `sklearn.tree._tree.Tree`.
///
/// Source: https://github.com/scikit-learn/scikit-learn/blob/main/sklearn/tree/_tree.pyx
struct ScikitTrees: Sendable {
    private(set) var ensemble = TreeEnsemble(isSingle: true)
    /// `[leaves, outputs · classes]`, in the order of the ensemble's leaves.
    private(set) var values: [Double] = []
    /// Numbers that a leaf holds.
    let width: Int
    /// Columns that the trees were fitted on.
    let columns: Int
    /// Training samples in each leaf.
    private(set) var sampleCounts: [Int] = []
    /// Splits on the way to each leaf.
    private(set) var leafDepths: [Int] = []
    private let allowsMissing: Bool

    /// - Parameter estimators: Decision trees, each with its `tree_`.
    init(_ estimators: [FittedValue], allowsMissing: Bool, of attributes: Attributes) throws {
        self.allowsMissing = allowsMissing
        var (columns, widest) = (0, 0)
        var trees: [(nodes: FittedArray, numbers: [Double], width: Int)] = []
        for estimator in estimators {
            guard case .object(let object) = estimator, case .object(let tree)? = object.attributes["tree_"], tree.className == "sklearn.tree._tree.Tree",
                let featureCount = tree.arguments.first?.integer, case .array(let nodes)? = tree.attributes["nodes"],
                case .array(let table)? = tree.attributes["values"], table.shape.count == 3, let numbers = table.doubles,
                table.shape[0] == nodes.shape.first
            else { throw attributes.uncovered("a tree that cannot be read") }
            columns = max(columns, featureCount)
            widest = max(widest, table.shape[1] * table.shape[2])
            trees.append((nodes, numbers, table.shape[1] * table.shape[2]))
        }
        self.columns = columns
        width = widest
        guard !trees.isEmpty, trees.allSatisfy({ $0.width == widest }) else { throw attributes.uncovered("trees of different outputs") }
        for tree in trees { try add(tree.nodes, tree.numbers, attributes) }
        guard ensemble.featureCount <= columns else { throw attributes.uncovered("splits of unknown features") }
    }

    private mutating func add(_ nodes: FittedArray, _ table: [Double], _ attributes: Attributes) throws {
        guard let left = nodes.field("left_child")?.integers, let right = nodes.field("right_child")?.integers, let feature = nodes.field("feature")?.integers,
            let threshold = nodes.field("threshold")?.doubles, let samples = nodes.field("n_node_samples")?.integers
        else { throw attributes.uncovered("a node table of an unknown layout") }
        let missing = nodes.field("missing_go_to_left")?.integers
        var depth = [Int](repeating: 0, count: left.count)
        var splits: [TreeNode?] = []
        for index in left.indices {
            guard left[index] >= 0 else {
                splits.append(nil)
                values += table[index * width..<(index + 1) * width]
                sampleCounts.append(samples[index])
                leafDepths.append(depth[index])
                continue
            }
            for child in [left[index], right[index]] where depth.indices.contains(child) { depth[child] = depth[index] + 1 }
            splits.append(
                TreeNode(
                    threshold: threshold[index], feature: Int32(clamping: feature[index]), left: Int32(clamping: left[index]), right: Int32(clamping: right[index]),
                    missingGoesLeft: missing?[index] == 1))
        }
        try ensemble.add(splits, of: attributes.typeName)
    }

    /// The rows as the trees see them: each value rounded to 32 bits.
    /// - Throws: ``EvaluationFailure`` for a value that is too large for that, or missing where none may be.
    func rounded(_ rows: Rows) throws -> Matrix {
        var input = try rows.matrix(columns: columns)
        input.values.roundToSingle()
        if input.values.areFinite { return input }
        if !allowsMissing, input.values.containsNaN { throw EvaluationFailure("Input X contains NaN.") }
        if input.values.contains(where: \.isInfinite) { throw EvaluationFailure("Input X contains infinity or a value too large for dtype('float32').") }
        return input
    }

    /// Adds each tree's leaf to `result`, `[rows, width]`.
    func accumulate(_ input: Matrix, scale: Double = 1, into result: inout Matrix) {
        let width = width
        unsafe values.withUnsafeBufferPointer { values in
            unsafe result.values.withUnsafeMutableBufferPointer { sums in
                guard let values = values.baseAddress, let sums = sums.baseAddress else { return }
                ensemble.walk(input) { _, row, leaf in
                    for output in 0..<width { unsafe sums[row * width + output] += scale * values[leaf * width + output] }
                }
            }
        }
    }

    /// The same trees with other leaves of the same width.
    func mapLeaves(_ change: ([Double]) -> [Double]) -> ScikitTrees {
        var changed = self
        changed.values = stride(from: 0, to: values.count, by: width).flatMap { change(Array(values[$0..<$0 + width])) }
        return changed
    }
}
