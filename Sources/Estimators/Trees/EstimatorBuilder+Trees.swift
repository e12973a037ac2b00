import Formats

extension EstimatorBuilder {
    static let trees: [String: Make] = [
        "sklearn.DecisionTreeClassifier": { try ForestClassifier($0, trees: [.object($0.object)]) },
        "sklearn.ExtraTreeClassifier": { try ForestClassifier($0, trees: [.object($0.object)]) },
        "sklearn.RandomForestClassifier": { try ForestClassifier($0, trees: try $0.items("estimators_")) },
        "sklearn.ExtraTreesClassifier": { try ForestClassifier($0, trees: try $0.items("estimators_")) },
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
}
