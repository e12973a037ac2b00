internal import Domain

/// What the algorithm of a model is called in lists, told from its file: `random_forest`, `svm`, `neural_network`.
enum AlgorithmName {
    private static let known: [(prefix: String, name: String)] = [
        ("XGB", "xgboost"), ("LGBM", "lightgbm"), ("CatBoost", "catboost"), ("SVC", "svm"), ("SVR", "svm"), ("NuSV", "svm"), ("LinearSV", "svm"), ("OneClassSVM", "svm"),
        ("MLP", "neural_network"), ("KNeighbors", "k_nearest_neighbors"), ("KMeans", "k_means"), ("PCA", "pca"), ("SGD", "sgd"),
    ]

    /// - Returns: nil when the file does not tell.
    static func of(_ artifact: ScannedArtifact) -> String? {
        switch artifact.format {
        case .xgboostJSON, .xgboostUBJ: return "xgboost"
        case .lightgbmText: return "lightgbm"
        case .catboost: return "catboost"
        case let format where format.isNetwork: return "neural_network"
        default: break
        }
        let qualified = artifact.facts.steps.last ?? artifact.facts.className
        return qualified?.split(separator: ".").last.map { name(ofClass: String($0)) }
    }

    static func name(ofClass name: String) -> String {
        if let found = known.first(where: { name.hasPrefix($0.prefix) }) { return found.name }
        var stem = name[...]
        for ending in ["Classifier", "Regressor"] where stem.hasSuffix(ending) && stem.count > ending.count { stem = stem.dropLast(ending.count) }
        return stem.reduce(into: "") { text, letter in
            if letter.isUppercase, !text.isEmpty, text.last?.isUppercase == false, !text.hasSuffix("_") { text += "_" }
            text += letter.lowercased()
        }
    }
}
