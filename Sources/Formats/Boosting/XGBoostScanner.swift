import Domain

/// Reads XGBoost model files, JSON and UBJSON; the format holds data only, so its trees are checked.
///
/// Source: https://xgboost.readthedocs.io/en/stable/tutorials/saving_model.html
struct XGBoostScanner {
    func read(_ subject: ScanSubject, _ session: ScanSession, format: ModelFormat) throws -> ArtifactFacts {
        var facts = ArtifactFacts()
        facts.framework = "xgboost"
        facts.packages = ["xgboost"]
        guard subject.bytes.count <= BoosterValue.maximumBytes else { throw ReadFault.limit("a model of \(subject.bytes.count) bytes", at: 0) }
        let model =
            format == .xgboostUBJ
            ? try BoosterUBJReader.read(subject.bytes) : try BoosterJSONReader.read(try subject.bytes.exactly(Int(subject.bytes.count), at: 0))
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
        let trees = booster["model"]?["trees"]?.items ?? booster["gbtree"]?["model"]?["trees"]?.items ?? []
        facts.hyperparameters["n_trees"] = .int(trees.count)
        for (index, tree) in trees.enumerated() {
            if let fault = treeFault(tree, features: facts.featureCount ?? .max) {
                session.add(.boosterShape, "tree \(index): \(fault)", in: subject)
                break
            }
        }
        return facts
    }

    private func names(_ value: BoosterValue?) -> [String]? {
        guard let items = value?.items, !items.isEmpty else { return nil }
        return items.compactMap(\.text)
    }

    /// All arrays have one entry per node, and every index leads to a node or feature that is there.
    private func treeFault(_ tree: BoosterValue, features: Int) -> String? {
        guard let left = tree["left_children"]?.numbers, let right = tree["right_children"]?.numbers, let split = tree["split_indices"]?.numbers,
            let conditions = tree["split_conditions"]?.numbers
        else { return "an array is missing" }
        let count = left.count
        guard count > 0, right.count == count, split.count == count, conditions.count == count else { return "arrays of different lengths" }
        if let stated = tree["tree_param"]?["num_nodes"]?.number, stated != Double(count) { return "\(count) nodes, expected \(stated)" }
        for node in 0..<count {
            guard left[node] != -1 || right[node] != -1 else { continue }
            for child in [left[node], right[node]] where !(child > Double(node) && child < Double(count)) { return "node \(node) leads to node \(child)" }
            if !(split[node] >= 0 && split[node] < Double(features)) { return "node \(node) splits feature \(split[node]) of \(features)" }
        }
        return nil
    }
}
