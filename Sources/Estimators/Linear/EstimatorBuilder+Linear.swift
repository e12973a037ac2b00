extension EstimatorBuilder {
    static let linear: [String: Make] = [
        "sklearn.LogisticRegression": { try LinearClassifier.logistic($0) },
        "sklearn.LogisticRegressionCV": { try LinearClassifier.logistic($0) },
        "sklearn.SGDClassifier": { try LinearClassifier.stochastic($0) },
        "sklearn.Perceptron": { try LinearClassifier($0, link: .none) },
        "sklearn.PassiveAggressiveClassifier": { try LinearClassifier($0, link: .none) },
        "sklearn.LinearSVC": { try LinearClassifier($0, link: .none) },
        "sklearn.RidgeClassifier": { try LinearClassifier.ridge($0) },
        "sklearn.RidgeClassifierCV": { try LinearClassifier.ridge($0) },
        "sklearn.LinearDiscriminantAnalysis": { try LinearDiscriminant($0) },
        "sklearn.QuadraticDiscriminantAnalysis": { try QuadraticDiscriminant($0) },
        "sklearn.PoissonRegressor": { try LinearRegressor($0, link: .log) },
        "sklearn.GammaRegressor": { try LinearRegressor($0, link: .log) },
        "sklearn.TweedieRegressor": { try LinearRegressor.tweedie($0) },
    ]

    /// Regressors that differ in how they are fitted only.
    static let leastSquares: [String: Make] = Dictionary(
        uniqueKeysWithValues: [
            "LinearRegression", "Ridge", "RidgeCV", "Lasso", "LassoCV", "LassoLars", "LassoLarsCV", "LassoLarsIC", "ElasticNet", "ElasticNetCV", "Lars",
            "LarsCV", "OrthogonalMatchingPursuit", "OrthogonalMatchingPursuitCV", "BayesianRidge", "HuberRegressor", "SGDRegressor",
            "PassiveAggressiveRegressor", "TheilSenRegressor", "LinearSVR", "QuantileRegressor", "MultiTaskLasso", "MultiTaskLassoCV",
            "MultiTaskElasticNet", "MultiTaskElasticNetCV",
        ].map { name -> (String, Make) in ("sklearn.\(name)", { try LinearRegressor($0) }) })
}
