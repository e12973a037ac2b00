import Formats

/// Histogram gradient boosting of scikit-learn: missing values and categories are split by the trees themselves.
///
/// Source: https://github.com/scikit-learn/scikit-learn/blob/main/sklearn/ensemble/_hist_gradient_boosting/_predictor.pyx
struct HistogramBoostedTrees: Sendable {
    private var ensemble = TreeEnsemble()
    private var values: [Double] = []
    private let outputs: Int
    private let baseline: [Double]
    private let columns: Int
    private let preprocessor: (any Transformer)?

    init(_ attributes: Attributes) throws {
        columns = try attributes.count("n_features_in_")
        outputs = try attributes.count("n_trees_per_iteration_")
        guard (1...100_000).contains(outputs) else { throw attributes.uncovered("n_trees_per_iteration_") }
        let baseline = try attributes.numbers("_baseline_prediction")
        guard baseline.count == outputs || baseline.count == 1 else { throw attributes.uncovered("_baseline_prediction") }
        self.baseline = baseline.count == outputs ? baseline : [Double](repeating: baseline[0], count: outputs)
        if attributes.has("_preprocessor") {
            guard let transformer = try attributes.estimator("_preprocessor") as? any Transformer else { throw attributes.uncovered("_preprocessor") }
            preprocessor = transformer
        } else {
            preprocessor = nil
        }
        let known = try Self.knownCategories(attributes)
        for iteration in try attributes.items("_predictors") {
            guard let predictors = Attributes.items(iteration), predictors.count == outputs else { throw attributes.uncovered("_predictors") }
            for predictor in predictors {
                guard case .object(let tree) = predictor else { throw attributes.uncovered("_predictors") }
                try add(Attributes(object: tree, version: attributes.version, builder: attributes.builder))
            }
        }
        ensemble.categoryRule = { value, set, feature in
            guard !value.isNaN, value >= 0 else { return nil }
            // The library casts to an unsigned byte here.
            let category = Int(UInt8(truncatingIfNeeded: Int(exactly: value.rounded(.towardZero)) ?? 0))
            if set.contains(category) { return true }
            return known[feature]?.contains(category) == true ? false : nil
        }
        guard ensemble.featureCount <= columns else { throw attributes.uncovered("splits of unknown features") }
    }

    private mutating func add(_ tree: Attributes) throws {
        let nodes = try tree.array("nodes")
        guard let value = nodes.field("value")?.doubles, let feature = nodes.field("feature_idx")?.integers, let threshold = nodes.field("num_threshold")?.doubles,
            let missing = nodes.field("missing_go_to_left")?.integers, let left = nodes.field("left")?.integers, let right = nodes.field("right")?.integers,
            let isLeaf = nodes.field("is_leaf")?.integers, let isCategorical = nodes.field("is_categorical")?.integers,
            let bitset = nodes.field("bitset_idx")?.integers
        else { throw tree.uncovered("a node table of an unknown layout") }
        let words = try tree.array("raw_left_cat_bitsets").integers ?? []
        let sets = stride(from: 0, to: words.count, by: 8).map { CategorySet(words: words[$0..<min($0 + 8, words.count)].map { UInt32(truncatingIfNeeded: $0) }) }
        var splits: [TreeNode?] = []
        for index in value.indices {
            guard isLeaf[index] == 0 else {
                splits.append(nil)
                values.append(value[index])
                continue
            }
            splits.append(
                TreeNode(
                    threshold: threshold[index], feature: Int32(clamping: feature[index]), left: Int32(clamping: left[index]), right: Int32(clamping: right[index]),
                    categories: isCategorical[index] == 1 ? Int16(clamping: bitset[index]) : -1, missingGoesLeft: missing[index] == 1))
        }
        try ensemble.add(splits, sets: sets, of: tree.typeName)
    }

    /// The categories that were there in training, by feature.
    private static func knownCategories(_ attributes: Attributes) throws -> [Int: CategorySet] {
        guard case .object(let mapper)? = attributes.object.attributes["_bin_mapper"] else { throw attributes.uncovered("_bin_mapper") }
        let bins = Attributes(object: mapper, version: attributes.version, builder: attributes.builder)
        guard bins.has("is_categorical_") else { return [:] }
        let thresholds = try bins.items("bin_thresholds_")
        var known: [Int: CategorySet] = [:]
        for (feature, isCategorical) in try bins.integers("is_categorical_").enumerated() where isCategorical != 0 {
            guard thresholds.indices.contains(feature), let categories = Attributes.numbers(thresholds[feature]) else { throw bins.uncovered("bin_thresholds_") }
            var words = [UInt32](repeating: 0, count: 8)
            for category in categories {
                guard let number = Int(exactly: category), (0..<256).contains(number) else { throw bins.uncovered("a category of \(category)") }
                words[number >> 5] |= 1 << UInt32(number & 31)
            }
            known[feature] = CategorySet(words: words)
        }
        return known
    }

    /// Sums before the link, `[rows, outputs]`.
    func raw(_ rows: Rows) throws -> Matrix {
        let input = try (try preprocessor?.transform(rows) ?? rows).matrix(columns: columns)
        var result = Matrix(rows: input.rows, repeating: baseline)
        let outputs = outputs
        unsafe values.withUnsafeBufferPointer { values in
            unsafe result.values.withUnsafeMutableBufferPointer { sums in
                guard let values = values.baseAddress, let sums = sums.baseAddress else { return }
                ensemble.walk(input) { tree, row, leaf in
                    unsafe sums[row * outputs + tree % outputs] += values[leaf]
                }
            }
        }
        return result
    }

    static func classifier(_ attributes: Attributes) throws -> any FittedEstimator {
        let trees = try HistogramBoostedTrees(attributes)
        return BoostedClassifier(classes: try attributes.labels("classes_"), link: trees.outputs > 1 ? .softmax : .logistic, classAtZero: 0) { try trees.raw($0) }
    }

    static func regressor(_ attributes: Attributes) throws -> any FittedEstimator {
        let trees = try HistogramBoostedTrees(attributes)
        let link: BoostingLink = ["poisson", "gamma"].contains(attributes.optionalText("loss")) ? .exponential : .identity
        return BoostedRegressor(link: link) { try trees.raw($0) }
    }
}
