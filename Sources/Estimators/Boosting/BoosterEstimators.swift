import Formats

/// Boosted trees of XGBoost or LightGBM as a classifier; its outputs are one probability, or one for each class.
struct BoosterClassifier: Classifier {
    let classes: [Label]
    /// Whether the probability of the first class is computed in 32 bits.
    let isSingle: Bool
    let outputs: @Sendable (Rows) throws -> Matrix

    var givesProbabilities: Bool { true }

    func answer(_ rows: Rows) throws -> (classes: [Int], probabilities: Matrix?) {
        let outputs = try outputs(rows)
        return (classes(of: outputs), probabilities(of: outputs))
    }

    func probabilities(_ rows: Rows) throws -> Matrix { probabilities(of: try outputs(rows)) }

    private func probabilities(of outputs: Matrix) -> Matrix {
        guard outputs.columns == 1 else { return outputs }
        guard isSingle else { return Functions.binary(outputs) }
        return Matrix(rows: outputs.rows, columns: 2, values: outputs.values.flatMap { [Double(1 - Float($0)), $0] })
    }

    func predict(_ rows: Rows) throws -> [Int] { classes(of: try outputs(rows)) }

    private func classes(of outputs: Matrix) -> [Int] {
        outputs.columns == 1 ? outputs.values.map { $0 > 0.5 ? 1 : 0 } : outputs.argmax()
    }
}

/// Boosted trees of XGBoost or LightGBM as a regressor.
struct BoosterRegressor: Regressor {
    let outputs: @Sendable (Rows) throws -> Matrix

    func values(_ rows: Rows) throws -> Matrix { try outputs(rows) }
}

/// Builds the estimators of XGBoost.
enum XGBoostEstimator {
    /// A booster alone: the worker calls it a classifier when it gives probabilities.
    static func booster(_ attributes: Attributes) throws -> any FittedEstimator {
        let trees = try XGBoostTrees(attributes, best: false)
        let outputs: @Sendable (Rows) throws -> Matrix = { trees.outputs(try trees.margins($0)) }
        switch trees.link {
        case .logistic, .softmax: return BoosterClassifier(classes: (0..<max(2, trees.outputs)).map(Label.int), isSingle: true, outputs: outputs)
        default: return BoosterRegressor(outputs: outputs)
        }
    }

    static func classifier(_ attributes: Attributes) throws -> any FittedEstimator {
        let (trees, missing) = try trees(attributes)
        let classes = attributes.has("classes_") ? try attributes.labels("classes_") : (0..<max(2, trees.outputs)).map(Label.int)
        switch trees.link {
        case .softmax where classes.count == trees.outputs: break
        case .logistic where classes.count == 2 && trees.outputs == 1: break
        default: throw attributes.uncovered("an objective without probabilities")
        }
        return BoosterClassifier(classes: classes, isSingle: true) { trees.outputs(try trees.margins($0, missing: missing)) }
    }

    static func regressor(_ attributes: Attributes) throws -> any FittedEstimator {
        let (trees, missing) = try trees(attributes)
        return BoosterRegressor { trees.outputs(try trees.margins($0, missing: missing)) }
    }

    private static func trees(_ attributes: Attributes) throws -> (XGBoostTrees, missing: Double) {
        guard case .object(let booster) = try attributes.value("_Booster") else { throw attributes.uncovered("_Booster") }
        let missing = attributes.has("missing") ? try attributes.number("missing") : .nan
        return (try XGBoostTrees(Attributes(object: booster, version: attributes.version, builder: attributes.builder), best: true), missing)
    }
}

/// Builds the estimators of LightGBM.
enum LightGBMEstimator {
    static func booster(_ attributes: Attributes) throws -> any FittedEstimator {
        let trees = try LightGBMTrees(attributes)
        let outputs: @Sendable (Rows) throws -> Matrix = { trees.outputs(try trees.raw($0)) }
        let objective = try attributes.members("model").text("objective").prefix { $0 != " " }
        guard ["binary", "multiclass", "multiclassova"].contains(objective) else { return BoosterRegressor(outputs: outputs) }
        return BoosterClassifier(classes: (0..<max(2, trees.outputs)).map(Label.int), isSingle: false, outputs: outputs)
    }

    static func classifier(_ attributes: Attributes) throws -> any FittedEstimator {
        let trees = try trees(attributes)
        let classes = try attributes.labels("_classes")
        guard trees.outputs == (classes.count == 2 ? 1 : classes.count) else { throw attributes.uncovered("\(trees.outputs) outputs for \(classes.count) classes") }
        return BoosterClassifier(classes: classes, isSingle: false) { trees.outputs(try trees.raw($0)) }
    }

    static func regressor(_ attributes: Attributes) throws -> any FittedEstimator {
        let trees = try trees(attributes)
        return BoosterRegressor { trees.outputs(try trees.raw($0)) }
    }

    private static func trees(_ attributes: Attributes) throws -> LightGBMTrees {
        guard case .object(let booster) = try attributes.value("_Booster") else { throw attributes.uncovered("_Booster") }
        return try LightGBMTrees(Attributes(object: booster, version: attributes.version, builder: attributes.builder))
    }
}

extension EstimatorBuilder {
    static let boosting: [String: Make] = [
        "xgboost.Booster": { try XGBoostEstimator.booster($0) },
        "xgboost.XGBClassifier": { try XGBoostEstimator.classifier($0) },
        "xgboost.XGBRFClassifier": { try XGBoostEstimator.classifier($0) },
        "xgboost.XGBRegressor": { try XGBoostEstimator.regressor($0) },
        "xgboost.XGBRFRegressor": { try XGBoostEstimator.regressor($0) },
        "xgboost.XGBRanker": { try XGBoostEstimator.regressor($0) },
        "lightgbm.Booster": { try LightGBMEstimator.booster($0) },
        "lightgbm.LGBMClassifier": { try LightGBMEstimator.classifier($0) },
        "lightgbm.LGBMRegressor": { try LightGBMEstimator.regressor($0) },
        "lightgbm.LGBMRanker": { try LightGBMEstimator.regressor($0) },
    ]
}
