import Formats
internal import Glibc

/// The trees of a LightGBM model and the link of its objective.
///
/// Source: https://github.com/microsoft/LightGBM/blob/master/include/LightGBM/tree.h
struct LightGBMTrees: Sendable {
    enum Link: Sendable {
        case identity, exponential, softmax, square, logOnePlusExponential
        case logistic(slope: Double)
    }

    let link: Link
    let outputs: Int
    let columns: Int
    private var ensemble = TreeEnsemble()
    private var leaves: [Double] = []
    private let used: Int
    private let isAverage: Bool

    init(_ booster: Attributes) throws {
        let model = try booster.members("model")
        guard let columns = Int(try model.text("max_feature_idx")), columns >= 0, columns < Int(Int32.max), let outputs = Int(try model.text("num_tree_per_iteration")),
            (1...100_000).contains(outputs)
        else { throw model.uncovered("max_feature_idx") }
        self.columns = columns + 1
        self.outputs = outputs
        let best = booster.has("best_iteration") ? try booster.integer("best_iteration") : 0
        let count = try model.items("trees").count
        used = best > 0 ? min(count, best * outputs) : count
        isAverage = model.has("average_output")
        link = try Self.link(model)
        if let categories = model.optionalText("pandas_categorical"), categories != "null", categories != "[]" { throw model.uncovered("categories by name") }
        let trees = try model.items("trees")
        guard trees.count.isMultiple(of: outputs) else { throw model.uncovered("\(trees.count) trees for \(outputs) outputs") }
        for tree in trees {
            guard let members = Attributes.members(tree, of: model) else { throw model.uncovered("trees") }
            try add(members)
        }
        ensemble.categoryRule = { value, set, _ in
            guard !value.isNaN, value >= 0, value < Double(Int32.max) else { return false }
            return set.contains(Int(value))
        }
        guard ensemble.featureCount <= self.columns else { throw model.uncovered("splits of unknown features") }
    }

    private static func link(_ model: Attributes) throws -> Link {
        let words = (model.optionalText("objective") ?? "").split(separator: " ").map(String.init)
        func option(_ name: String) -> Double? {
            words.lazy.compactMap { word in word.hasPrefix(name + ":") ? Double(word.dropFirst(name.count + 1)) : nil }.first
        }
        switch words.first {
        case "binary", "multiclassova": return .logistic(slope: option("sigmoid") ?? 1)
        case "multiclass": return .softmax
        case "cross_entropy": return .logistic(slope: 1)
        case "cross_entropy_lambda": return .logOnePlusExponential
        case "poisson", "gamma", "tweedie": return .exponential
        case "regression": return words.contains("sqrt") ? .square : .identity
        case "regression_l1", "huber", "fair", "quantile", "mape", "lambdarank", "rank_xendcg": return .identity
        default: throw model.uncovered("the objective \(words.first ?? "none")")
        }
    }

    private mutating func add(_ tree: Attributes) throws {
        if tree.has("is_linear"), try tree.numbers("is_linear") != [0] { throw tree.uncovered("linear trees") }
        let values = try tree.numbers("leaf_value")
        guard let count = try tree.integersOfNumbers("num_leaves").first, count == values.count else { throw tree.uncovered("num_leaves") }
        guard count > 1 else {
            try ensemble.add([nil], of: tree.typeName)
            leaves += values
            return
        }
        let features = try tree.integersOfNumbers("split_feature")
        let thresholds = try tree.numbers("threshold")
        let kinds = try tree.integersOfNumbers("decision_type")
        let (left, right) = (try tree.integersOfNumbers("left_child"), try tree.integersOfNumbers("right_child"))
        guard [features.count, thresholds.count, kinds.count, left.count, right.count].allSatisfy({ $0 == count - 1 }) else {
            throw tree.uncovered("arrays of different lengths")
        }
        let sets = try Self.categories(tree)
        // Splits keep their numbers; leaves, `~index` in the file, follow behind them.
        func place(_ child: Int) -> Int32 { child >= 0 ? Int32(clamping: child) : Int32(clamping: count - 1 + ~child) }
        var splits: [TreeNode?] = features.indices.map { index in
            let kind = kinds[index]
            let missing: TreeNode.Missing =
                switch kind >> 2 & 3 {
                case 0: .none
                case 1: .zero
                default: .nan
                }
            let isCategorical = kind & 1 == 1
            return TreeNode(
                threshold: thresholds[index], feature: Int32(clamping: features[index]), left: place(left[index]), right: place(right[index]),
                categories: isCategorical ? Int16(clamping: Int(exactly: thresholds[index]) ?? -1) : -1, missing: missing, missingGoesLeft: kind & 2 != 0)
        }
        guard kinds.indices.allSatisfy({ kinds[$0] & 1 == 0 || sets.indices.contains(Int(splits[$0]?.categories ?? -1)) }) else {
            throw tree.uncovered("a split without its categories")
        }
        splits += [TreeNode?](repeating: nil, count: count)
        try ensemble.add(splits, sets: sets, of: tree.typeName)
        leaves += values
    }

    private static func categories(_ tree: Attributes) throws -> [CategorySet] {
        guard tree.has("cat_boundaries") else { return [] }
        let bounds = try tree.integersOfNumbers("cat_boundaries")
        let words = try tree.integersOfNumbers("cat_threshold")
        return try zip(bounds, bounds.dropFirst()).map { start, end in
            guard start >= 0, start <= end, end <= words.count else { throw tree.uncovered("cat_boundaries") }
            return CategorySet(words: words[start..<end].map { UInt32(truncatingIfNeeded: $0) })
        }
    }

    /// Sums before the link, `[rows, outputs]`.
    func raw(_ rows: Rows) throws -> Matrix {
        let input = try rows.matrix(columns: columns)
        var result = Matrix(rows: input.rows, columns: outputs)
        let outputs = outputs
        unsafe leaves.withUnsafeBufferPointer { leaves in
            unsafe result.values.withUnsafeMutableBufferPointer { sums in
                guard let leaves = leaves.baseAddress, let sums = sums.baseAddress else { return }
                ensemble.walk(input, trees: 0..<used) { tree, row, leaf in
                    unsafe sums[row * outputs + tree % outputs] += leaves[leaf]
                }
            }
        }
        guard isAverage else { return result }
        let iterations = Double(used / outputs)
        return result.mapColumns { value, _ in value / iterations }
    }

    /// What `Booster.predict` gives. An averaged model has its link applied to each tree already.
    func outputs(_ raw: Matrix) -> Matrix {
        switch link {
        case .identity: raw
        case .softmax: Functions.softmax(raw)
        case .exponential: raw.mapColumns { value, _ in exp(value) }
        case .square: raw.mapColumns { value, _ in value < 0 ? -value * value : value * value }
        case .logOnePlusExponential: raw.mapColumns { value, _ in log1p(exp(value)) }
        case .logistic(let slope): raw.mapColumns { value, _ in 1 / (1 + exp(-slope * value)) }
        }
    }
}
