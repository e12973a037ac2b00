import Formats

/// Two classes, decided by a threshold on the probability or score of one of them.
struct ThresholdClassifier: Classifier {
    private let inner: any Classifier
    private let threshold: Double
    private let usesProbabilities: Bool
    private let positive: Int

    init(_ attributes: Attributes, threshold name: String) throws {
        guard let inner = try attributes.estimator("estimator_") as? any Classifier, inner.classes.count == 2 else { throw attributes.uncovered("estimator_") }
        self.inner = inner
        switch attributes.optionalText("response_method") {
        case "predict_proba": usesProbabilities = true
        case "decision_function": usesProbabilities = false
        case "auto": usesProbabilities = inner.givesProbabilities
        default: throw attributes.uncovered("response_method")
        }
        threshold = attributes.optionalText(name) == "auto" ? (usesProbabilities ? 0.5 : 0) : try attributes.number(name)
        if attributes.has("pos_label") {
            guard let label = Attributes.label(try attributes.value("pos_label")), let place = inner.classes.firstIndex(of: label) else {
                throw attributes.uncovered("pos_label")
            }
            positive = place
        } else {
            positive = 1
        }
    }

    var classes: [Label] { inner.classes }
    var givesProbabilities: Bool { inner.givesProbabilities }
    func probabilities(_ rows: Rows) throws -> Matrix { try inner.probabilities(rows) }
    func decision(_ rows: Rows) throws -> Matrix? { try inner.decision(rows) }

    func predict(_ rows: Rows) throws -> [Int] {
        let scores: [Double]
        if usesProbabilities {
            scores = try inner.probabilities(rows).column(positive)
        } else {
            guard let decision = try inner.decision(rows) else { throw EvaluationFailure("the estimator has no decision_function") }
            scores = decision.values.map { positive == 1 ? $0 : -$0 }
        }
        return scores.map { $0 >= threshold ? positive : 1 - positive }
    }
}

/// A regressor of a transformed target.
struct TransformedTargetRegressor: Regressor {
    private let inner: any Regressor
    private let transformer: any InvertibleTransformer

    init(_ attributes: Attributes) throws {
        guard let inner = try attributes.estimator("regressor_") as? any Regressor else { throw attributes.uncovered("regressor_") }
        guard let transformer = try attributes.estimator("transformer_") as? any InvertibleTransformer else { throw attributes.uncovered("transformer_") }
        self.inner = inner
        self.transformer = transformer
    }

    func values(_ rows: Rows) throws -> Matrix { try transformer.inverse(try inner.values(rows)) }
}

/// Recursive feature elimination: keeps some columns for the estimator inside.
enum FeatureElimination {
    static func make(_ attributes: Attributes) throws -> any FittedEstimator {
        let selector = try ColumnSelector.support(attributes)
        return try Pipeline.joined([selector, try attributes.estimator("estimator_")], of: attributes)
    }
}

extension EstimatorBuilder {
    static let composition: [String: Make] = [
        "sklearn.Pipeline": { try Pipeline.make($0) },
        "imblearn.Pipeline": { try Pipeline.make($0) },
        "sklearn.ColumnTransformer": { try ColumnTransformer($0) },
        "sklearn.FeatureUnion": { try FeatureUnion.make($0) },
        "sklearn.VotingClassifier": { try VotingClassifier($0) },
        "sklearn.VotingRegressor": { try VotingRegressor($0) },
        "sklearn.StackingClassifier": { try StackingClassifier($0) },
        "sklearn.StackingRegressor": { try StackingRegressor($0) },
        "sklearn.MultiOutputRegressor": { try MultiOutputRegressor($0) },
        "sklearn.MultiOutputClassifier": { try MultiOutputClassifier($0) },
        "sklearn.ClassifierChain": { try ClassifierChain($0) },
        "sklearn.RegressorChain": { try RegressorChain($0) },
        "sklearn.OneVsRestClassifier": { try OneVersusRestClassifier($0) },
        "sklearn.OneVsOneClassifier": { try OneVersusOneClassifier($0) },
        "sklearn.CalibratedClassifierCV": { try CalibratedClassifier($0) },
        "sklearn.IsotonicRegression": { try IsotonicRegressor($0) },
        "sklearn.TransformedTargetRegressor": { try TransformedTargetRegressor($0) },
        "sklearn.GridSearchCV": { try $0.estimator("best_estimator_") },
        "sklearn.RandomizedSearchCV": { try $0.estimator("best_estimator_") },
        "sklearn.HalvingGridSearchCV": { try $0.estimator("best_estimator_") },
        "sklearn.HalvingRandomSearchCV": { try $0.estimator("best_estimator_") },
        "sklearn.FrozenEstimator": { try $0.estimator("estimator") },
        "sklearn.FixedThresholdClassifier": { try ThresholdClassifier($0, threshold: "threshold") },
        "sklearn.TunedThresholdClassifierCV": { try ThresholdClassifier($0, threshold: "best_threshold_") },
        "sklearn.RFE": { try FeatureElimination.make($0) },
        "sklearn.RFECV": { try FeatureElimination.make($0) },
        "sklearn.RANSACRegressor": { try $0.estimator("estimator_") },
    ]
}
