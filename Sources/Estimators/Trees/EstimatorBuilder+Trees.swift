import Formats

extension EstimatorBuilder {
    static let trees: [String: Make] = [
        "sklearn.DecisionTreeClassifier": { try forestClassifier($0, trees: [.object($0.object)]) },
        "sklearn.ExtraTreeClassifier": { try forestClassifier($0, trees: [.object($0.object)]) },
        "sklearn.RandomForestClassifier": { try forestClassifier($0, trees: try $0.items("estimators_")) },
        "sklearn.ExtraTreesClassifier": { try forestClassifier($0, trees: try $0.items("estimators_")) },
        "sklearn.DecisionTreeRegressor": { try ForestRegressor($0, trees: [.object($0.object)]) },
        "sklearn.ExtraTreeRegressor": { try ForestRegressor($0, trees: [.object($0.object)]) },
        "sklearn.RandomForestRegressor": { try ForestRegressor($0, trees: try $0.items("estimators_")) },
        "sklearn.ExtraTreesRegressor": { try ForestRegressor($0, trees: try $0.items("estimators_")) },
        "sklearn.GradientBoostingClassifier": { try GradientBoostedTrees.classifier($0) },
        "sklearn.GradientBoostingRegressor": { try GradientBoostedTrees.regressor($0) },
        "sklearn.HistGradientBoostingClassifier": { try HistogramBoostedTrees.classifier($0) },
        "sklearn.HistGradientBoostingRegressor": { try HistogramBoostedTrees.regressor($0) },
        "sklearn.AdaBoostClassifier": { try AdaBoostClassifier($0) },
        "sklearn.AdaBoostRegressor": { try AdaBoostRegressor($0) },
        "sklearn.BaggingClassifier": { try BaggingClassifier($0) },
        "sklearn.BaggingRegressor": { try BaggingRegressor($0) },
        "sklearn.IsolationForest": { try IsolationForest($0) },
    ]

    private static func forestClassifier(_ attributes: Attributes, trees: [FittedValue]) throws -> any FittedEstimator {
        try attributes.integer("n_outputs_") == 1 ? ForestClassifier(attributes, trees: trees) : ForestLabels(attributes, trees: trees)
    }
}
