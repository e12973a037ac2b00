import Formats

/// How much each column counts for a fitted model: the sizes of its coefficients, or the impurity that splits on it take away.
///
/// Breiman, Friedman, Olshen and Stone, "Classification and Regression Trees", 1984; `compute_feature_importances` of scikit-learn.
enum FeatureImportances {
    /// - Throws: ``Uncovered`` for a model that tells neither.
    static func of(_ model: FittedObject, _ attributes: Attributes) throws -> [Double] {
        if let value = model.attributes["coef_"], let weights = Attributes.matrix(value) {
            return (0..<weights.columns).map { column in (0..<weights.rows).reduce(0) { $0 + abs(weights[$1, column]) } }
        }
        let columns = model.attributes["n_features_in_"]?.integer ?? 0
        guard (1...1 << 24).contains(columns) else { throw attributes.uncovered("importances") }
        switch model.typeName {
        case "DecisionTreeClassifier", "DecisionTreeRegressor", "ExtraTreeClassifier", "ExtraTreeRegressor":
            return shares(try decrease(.object(model), columns, attributes) ?? [Double](repeating: 0, count: columns))
        case "RandomForestClassifier", "RandomForestRegressor", "ExtraTreesClassifier", "ExtraTreesRegressor":
            return try mean(of: model, columns, attributes) { shares($0) }
        case "GradientBoostingClassifier", "GradientBoostingRegressor": return try mean(of: model, columns, attributes) { $0 }
        default: throw attributes.uncovered("importances of a \(model.typeName)")
        }
    }

    /// The mean over the trees that split at all, as shares.
    private static func mean(of model: FittedObject, _ columns: Int, _ attributes: Attributes, _ change: ([Double]) -> [Double]) throws -> [Double] {
        guard let members = model.attributes["estimators_"].flatMap(Attributes.items) else { throw attributes.uncovered("estimators_") }
        var sum = [Double](repeating: 0, count: columns)
        var trees = 0.0
        for member in members {
            guard let decrease = try decrease(member, columns, attributes) else { continue }
            for (column, part) in change(decrease).enumerated() { sum[column] += part }
            trees += 1
        }
        return trees == 0 ? sum : shares(sum.map { $0 / trees })
    }

    private static func shares(_ parts: [Double]) -> [Double] {
        let sum = parts.reduce(0, +)
        return sum > 0 ? parts.map { $0 / sum } : parts
    }

    /// The weighted impurity that the splits on each column take away; nil for a tree without a split.
    private static func decrease(_ tree: FittedValue, _ columns: Int, _ attributes: Attributes) throws -> [Double]? {
        guard case .object(let object) = tree, case .object(let inner)? = object.attributes["tree_"], case .array(let nodes)? = inner.attributes["nodes"],
            let left = nodes.field("left_child")?.integers, let right = nodes.field("right_child")?.integers, let feature = nodes.field("feature")?.integers,
            let impurity = nodes.field("impurity")?.doubles, let weight = nodes.field("weighted_n_node_samples")?.doubles, let whole = weight.first
        else { throw attributes.uncovered("a tree that cannot be read") }
        guard left.count > 1 else { return nil }
        var parts = [Double](repeating: 0, count: columns)
        for node in left.indices where left[node] >= 0 {
            guard left.indices.contains(left[node]), left.indices.contains(right[node]), parts.indices.contains(feature[node]) else {
                throw attributes.uncovered("a tree that cannot be read")
            }
            func loss(_ node: Int) -> Double { weight[node] * impurity[node] }
            parts[feature[node]] += loss(node) - loss(left[node]) - loss(right[node])
        }
        return parts.map { $0 / whole }
    }
}
