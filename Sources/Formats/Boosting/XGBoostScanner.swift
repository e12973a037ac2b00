import Domain
internal import Files

/// Reads XGBoost model files, JSON and UBJSON; the format holds data only, so its trees are checked.
///
/// Source: https://xgboost.readthedocs.io/en/stable/tutorials/saving_model.html
struct XGBoostScanner {
    func read(_ subject: ScanSubject, _ session: ScanSession, format: ModelFormat) throws -> ArtifactFacts {
        var facts = ArtifactFacts()
        facts.framework = "xgboost"
        facts.packages = ["xgboost"]
        var trees = Trees()
        let model: BoosterValue
        if format == .xgboostUBJ {
            model = try BoosterUBJReader.read(subject.bytes) { trees.check($0) }
        } else {
            guard subject.bytes.count <= BoosterValue.maximumBytes else {
                throw ReadFault.limit("a model of \(subject.bytes.count) bytes in JSON (save it as .ubj)", at: 0)
            }
            model = try BoosterJSONReader.read(try subject.bytes.exactly(Int(subject.bytes.count), at: 0))
        }
        // A pickled or memory-dumped booster has its settings beside it.
        guard let learner = (model["Model"] ?? model)["learner"], let booster = learner["gradient_booster"] else {
            session.add(.boosterTruncated, "no learner with a booster", in: subject)
            return facts
        }
        facts.frameworkVersion = model["version"]?.numbers.map { $0.prefix(4).map { Int(exactly: $0).map(String.init) ?? "?" }.joined(separator: ".") }
        let parameters = learner["learner_model_param"]
        facts.featureCount = parameters?["num_feature"]?.number.flatMap { Int(exactly: $0) }
        facts.featureNames = names(learner["feature_names"])
        for (key, value) in [("objective", learner["objective"]?["name"]), ("booster", booster["name"]), ("base_score", parameters?["base_score"])] {
            if let text = value?.text { facts.hyperparameters[key] = .string(text) }
        }
        for tree in booster["model"]?["trees"]?.items ?? booster["gbtree"]?["model"]?["trees"]?.items ?? [] { trees.check(tree) }
        facts.hyperparameters["n_trees"] = .int(trees.count)
        if let fault = trees.fault(features: facts.featureCount ?? .max) { session.add(.boosterShape, fault, in: subject) }
        return facts
    }

    private func names(_ value: BoosterValue?) -> [String]? {
        guard let items = value?.items, !items.isEmpty else { return nil }
        return items.compactMap(\.text)
    }
}

/// What the trees of a booster have in common, and what is wrong with the first one that is wrong.
private struct Trees {
    private(set) var count = 0
    private var firstFault: String?
    private var highestSplit: (tree: Int, feature: Double) = (0, -1)

    /// Counts the features afterwards: the file says their number behind the trees.
    func fault(features: Int) -> String? {
        if let firstFault { return firstFault }
        guard highestSplit.feature >= Double(features) else { return nil }
        return "tree \(highestSplit.tree): a split of feature \(highestSplit.feature) of \(features)"
    }

    mutating func check(_ tree: BoosterValue) {
        defer { count += 1 }
        guard firstFault == nil, let fault = fault(of: tree) else { return }
        firstFault = "tree \(count): \(fault)"
    }

    /// All arrays have one entry per node, and every index leads to a node that is there.
    private mutating func fault(of tree: BoosterValue) -> String? {
        guard let left = tree["left_children"]?.numbers, let right = tree["right_children"]?.numbers, let split = tree["split_indices"]?.numbers,
            let conditions = tree["split_conditions"]?.numbers
        else { return "an array is missing" }
        let nodes = left.count
        guard nodes > 0, right.count == nodes, split.count == nodes, conditions.count == nodes else { return "arrays of different lengths" }
        if let stated = tree["tree_param"]?["num_nodes"]?.number, stated != Double(nodes) { return "\(nodes) nodes, expected \(stated)" }
        for node in 0..<nodes {
            guard left[node] != -1 || right[node] != -1 else { continue }
            for child in [left[node], right[node]] where !(child > Double(node) && child < Double(nodes)) { return "node \(node) leads to node \(child)" }
            guard split[node] >= 0 else { return "node \(node) splits feature \(split[node])" }
            if split[node] > highestSplit.feature { highestSplit = (count, split[node]) }
        }
        return nil
    }
}
