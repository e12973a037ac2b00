/// A built virtual environment, shared by every version that resolves to the same set.
package struct PythonEnvironment: Sendable, Codable, Equatable {
    /// From the SHA-256 over the resolved set and the Python version; names the folder.
    package let key: String
    /// Folder of the environment.
    package let path: String
    /// `3.11.2`.
    package let pythonVersion: String
    /// Folder of an interpreter outside `/usr`.
    package let interpreterRoot: String?
    /// Installed distributions and their versions.
    package let packages: [String: String]

    /// Modules that a worker imports before it gets a model.
    var imports: [String] {
        let modules: [String: [String]] = [
            "numpy": ["numpy"], "scipy": ["scipy.sparse", "scipy.special"], "joblib": ["joblib"], "pandas": ["pandas"],
            "scikit-learn": [
                "sklearn.base", "sklearn.pipeline", "sklearn.compose", "sklearn.preprocessing", "sklearn.impute", "sklearn.linear_model", "sklearn.ensemble",
                "sklearn.tree",
            ],
            "xgboost": ["xgboost"], "lightgbm": ["lightgbm"], "torch": ["torch"], "tensorflow-cpu": ["tensorflow"], "tensorflow": ["tensorflow"],
            "keras": ["keras"],
        ]
        return ["numpy", "scipy", "joblib", "pandas", "scikit-learn", "xgboost", "lightgbm", "torch", "tensorflow-cpu", "tensorflow", "keras"]
            .filter { packages[$0] != nil }.flatMap { modules[$0] ?? [] }
    }
}

/// An environment that could not be made; the message is the resolver's or installer's own.
package struct EnvironmentFailure: Error, Sendable {
    package enum Step: String, Sendable {
        case python, resolution, installation
    }

    package let step: Step
    package let output: String
}
