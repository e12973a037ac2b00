import Formats
internal import Glibc

/// The trees of an XGBoost model and the link of its objective; everything is computed in 32 bits, as the library does.
///
/// Source: https://github.com/dmlc/xgboost/blob/master/src/predictor/cpu_predictor.cc,
/// https://xgboost.readthedocs.io/en/stable/tutorials/saving_model.html
struct XGBoostTrees: Sendable {
    enum Link: Sendable {
        case identity, logistic, softmax, exponential, hinge, largest
    }

    let link: Link
    let outputs: Int
    let columns: Int
    private var ensemble = TreeEnsemble(isSingle: true)
    private var leaves: [Float] = []
    /// The output of each tree, and the weight that DART gives it.
    private let groups: [Int]
    private let weights: [Float]?
    private let margins: [Float]
    /// Trees that count: those up to the best iteration.
    private let used: Int

    /// - Parameter best: Whether trees behind the best iteration are left out, as the scikit-learn interface does.
    init(_ booster: Attributes, best: Bool) throws {
        let learner = try booster.members("model").members("learner")
        let parameters = try learner.members("learner_model_param")
        let objective = try learner.members("objective").text("name")
        columns = try Self.count(parameters, "num_feature")
        outputs = max(1, try Self.count(parameters, "num_class"), try Self.targets(parameters))
        guard outputs <= 100_000 else { throw booster.uncovered("\(outputs) outputs") }
        link = try Self.link(objective, booster)
        let booster = try Self.treeBooster(learner)
        let model = booster.model
        if model.has("cats"), let categories = try? model.members("cats"), categories.has("enc"), try !categories.items("enc").isEmpty {
            throw learner.uncovered("categories by name")
        }
        groups = try model.integersOfNumbers("tree_info")
        let trees = try model.items("trees")
        guard groups.count == trees.count, groups.allSatisfy((0..<outputs).contains) else { throw learner.uncovered("tree_info") }
        for tree in trees {
            guard let members = Attributes.members(tree, of: learner) else { throw learner.uncovered("trees") }
            let (splits, sets, values) = try Self.read(members)
            try ensemble.add(splits, sets: sets, of: learner.typeName)
            leaves += values
        }
        ensemble.categoryRule = { value, set, _ in
            if value.isNaN { return nil }
            // Members of the set go right, which was made the left side here; what is no category goes left.
            guard value >= 0, value < 16_777_216 else { return false }
            return set.contains(Int(value))
        }
        guard ensemble.featureCount <= columns else { throw learner.uncovered("splits of unknown features") }
        weights = booster.weights
        guard weights.map({ $0.count == trees.count }) ?? true else { throw learner.uncovered("weight_drop") }
        margins = try Self.margins(parameters, objective, outputs)
        used = try best ? Self.usedTrees(learner, model, outputs) ?? trees.count : trees.count
    }

    // MARK: - Reading

    private static func count(_ parameters: Attributes, _ name: String) throws -> Int {
        guard let number = parameters.object.attributes[name]?.string.flatMap({ Int($0) }) ?? parameters.object.attributes[name]?.integer else {
            throw parameters.uncovered(name)
        }
        return number
    }

    private static func targets(_ parameters: Attributes) throws -> Int { parameters.has("num_target") ? try count(parameters, "num_target") : 1 }

    private static func treeBooster(_ learner: Attributes) throws -> (model: Attributes, weights: [Float]?) {
        let booster = try learner.members("gradient_booster")
        switch try booster.text("name") {
        case "gbtree": return (try booster.members("model"), nil)
        case "dart": return (try booster.members("gbtree").members("model"), try booster.numbers("weight_drop").map { Float($0) })
        case let other: throw learner.uncovered("the booster \(other)")
        }
    }

    private static func link(_ objective: String, _ booster: Attributes) throws -> Link {
        switch objective {
        case "binary:logistic", "reg:logistic": .logistic
        case "multi:softprob": .softmax
        case "multi:softmax": .largest
        case "binary:hinge": .hinge
        case "count:poisson", "reg:gamma", "reg:tweedie", "survival:cox", "survival:aft": .exponential
        case "binary:logitraw", "reg:squarederror", "reg:linear", "reg:squaredlogerror", "reg:pseudohubererror", "reg:absoluteerror", "reg:quantileerror",
            "rank:pairwise", "rank:ndcg", "rank:map":
            .identity
        default: throw booster.uncovered("the objective \(objective)")
        }
    }

    /// The start value of each output before the link: `base_score` is what the answer would be without trees.
    private static func margins(_ parameters: Attributes, _ objective: String, _ outputs: Int) throws -> [Float] {
        let text = try parameters.text("base_score")
        let scores = text.split { "[], ".contains($0) }.compactMap { Float($0) }
        guard scores.count == 1 || scores.count == outputs else { throw parameters.uncovered("base_score") }
        let margins = scores.map { score -> Float in
            switch objective {
            case "binary:logistic", "reg:logistic": -logf(1 / score - 1)
            case "count:poisson", "reg:gamma", "reg:tweedie", "survival:cox", "survival:aft": logf(score)
            default: score
            }
        }
        return margins.count == outputs ? margins : [Float](repeating: margins[0], count: outputs)
    }

    private static func usedTrees(_ learner: Attributes, _ model: Attributes, _ outputs: Int) throws -> Int? {
        guard learner.has("attributes"), let text = try learner.members("attributes").optionalText("best_iteration") else { return nil }
        guard let best = Int(text), best >= 0 else { throw learner.uncovered("best_iteration") }
        if model.has("iteration_indptr") {
            let starts = try model.integersOfNumbers("iteration_indptr")
            guard starts.indices.contains(best + 1) else { throw learner.uncovered("best_iteration") }
            return starts[best + 1]
        }
        return min(try model.items("trees").count, (best + 1) * outputs * max(1, try count(try model.members("gbtree_model_param"), "num_parallel_tree")))
    }

    private static func read(_ tree: Attributes) throws -> ([TreeNode?], [CategorySet], [Float]) {
        let left = try tree.integersOfNumbers("left_children")
        let right = try tree.integersOfNumbers("right_children")
        let features = try tree.integersOfNumbers("split_indices")
        let conditions = try tree.numbers("split_conditions")
        let defaults = try tree.flags("default_left")
        let types = tree.has("split_type") ? try tree.integersOfNumbers("split_type") : left.map { _ in 0 }
        guard [right.count, features.count, conditions.count, defaults.count, types.count].allSatisfy({ $0 == left.count }) else {
            throw tree.uncovered("trees with vector leaves")
        }
        let (sets, setOfNode) = try categories(tree)
        var splits: [TreeNode?] = []
        var leaves: [Float] = []
        for index in left.indices {
            guard left[index] >= 0 else {
                splits.append(nil)
                leaves.append(Float(conditions[index]))
                continue
            }
            let isCategorical = types[index] == 1
            guard !isCategorical || setOfNode[index] != nil else { throw tree.uncovered("a split without its categories") }
            let (yes, no) = isCategorical ? (right[index], left[index]) : (left[index], right[index])
            splits.append(
                TreeNode(
                    // x < t of 32 bits is x <= the number before t.
                    threshold: Double(Float(conditions[index]).nextDown), feature: Int32(clamping: features[index]), left: Int32(clamping: yes),
                    right: Int32(clamping: no), categories: isCategorical ? setOfNode[index] ?? -1 : -1, missingGoesLeft: defaults[index] != isCategorical))
        }
        return (splits, sets, leaves)
    }

    private static func categories(_ tree: Attributes) throws -> ([CategorySet], [Int: Int16]) {
        guard tree.has("categories_nodes") else { return ([], [:]) }
        let nodes = try tree.integersOfNumbers("categories_nodes")
        let segments = try tree.integersOfNumbers("categories_segments")
        let sizes = try tree.integersOfNumbers("categories_sizes")
        let all = try tree.integersOfNumbers("categories")
        guard nodes.count == segments.count, nodes.count == sizes.count, nodes.count < Int(Int16.max) else { throw tree.uncovered("categories") }
        var sets: [CategorySet] = []
        var setOfNode: [Int: Int16] = [:]
        for (index, node) in nodes.enumerated() {
            let (start, size) = (segments[index], sizes[index])
            guard start >= 0, size >= 0, start <= all.count, size <= all.count - start else { throw tree.uncovered("categories") }
            let members = all[start..<start + size]
            guard members.allSatisfy((0..<1 << 20).contains) else { throw tree.uncovered("a category of more than 2^20") }
            var words = [UInt32](repeating: 0, count: (members.max() ?? 0) / 32 + 1)
            for member in members { words[member >> 5] |= 1 << UInt32(member & 31) }
            setOfNode[node] = Int16(sets.count)
            sets.append(CategorySet(words: words))
        }
        return (sets, setOfNode)
    }

    // MARK: - Evaluation

    /// Sums before the link, `[rows, outputs]`.
    func margins(_ rows: Rows, missing: Double = .nan) throws -> Matrix {
        var input = try rows.matrix(columns: columns)
        if !missing.isNaN {
            for index in input.values.indices where input.values[index] == missing { input.values[index] = .nan }
        }
        input.values.roundToSingle()
        if !input.values.areFinite, input.values.contains(where: \.isInfinite) {
            throw EvaluationFailure("Input data contains `inf` or a value too large, while `missing` is not set to `inf`")
        }
        let (outputs, groups, weights) = (outputs, groups, weights)
        var sums = [Float](repeating: 0, count: input.rows * outputs)
        for index in sums.indices { sums[index] = margins[index % outputs] }
        unsafe sums.withUnsafeMutableBufferPointer { sums in
            unsafe leaves.withUnsafeBufferPointer { leaves in
                guard let sums = sums.baseAddress, let leaves = leaves.baseAddress else { return }
                ensemble.walk(input, trees: 0..<used) { tree, row, leaf in
                    let value = unsafe leaves[leaf]
                    unsafe sums[row * outputs + groups[tree]] += weights.map { $0[tree] * value } ?? value
                }
            }
        }
        return Matrix(rows: input.rows, columns: outputs, values: sums.map(Double.init))
    }

    /// What `Booster.predict` gives: probabilities of the second class or of all, values, or the number of the class.
    func outputs(_ margins: Matrix) -> Matrix {
        var result = margins
        switch link {
        case .identity: return margins
        case .largest: return Matrix(column: margins.argmax().map(Double.init))
        case .softmax:
            for row in 0..<margins.rows {
                let values = margins.row(row).map { Float($0) }
                let largest = values.max() ?? 0
                let powers = values.map { expf($0 - largest) }
                let sum = Float(powers.reduce(0.0) { $0 + Double($1) })
                for column in 0..<margins.columns { result[row, column] = Double(powers[column] / sum) }
            }
        case .logistic: result.values = margins.values.map { Double(1 / (expf(min(-Float($0), 88.7)) + 1 + 1e-16)) }
        case .exponential: result.values = margins.values.map { Double(expf(Float($0))) }
        case .hinge: result.values = margins.values.map { $0 > 0 ? 1 : 0 }
        }
        return result
    }
}

extension Attributes {
    /// Whole numbers that a model file writes like all others.
    func integersOfNumbers(_ name: String) throws -> [Int] {
        let numbers = try numbers(name)
        let integers = numbers.compactMap { Int(exactly: $0) }
        guard integers.count == numbers.count else { throw uncovered("\(name) holds no integers") }
        return integers
    }

    /// Booleans, also written as 0 and 1.
    func flags(_ name: String) throws -> [Bool] {
        if let numbers = Self.numbers(try value(name)) { return numbers.map { $0 != 0 } }
        throw uncovered("\(name) holds no booleans")
    }
}
