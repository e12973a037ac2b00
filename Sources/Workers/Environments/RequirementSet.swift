package import Domain

/// The requirements that a version's environment is made from, and where they came from.
package struct RequirementSet: Sendable {
    package let requirements: [Requirement]
    /// What was added from the file's content, for the report.
    package let derived: [String]
    /// Where the given requirements contradict the file itself.
    package let conflicts: [String]
    /// What converts a network to ONNX; left out where it does not go together with the rest.
    package let tools: [Requirement]

    /// Completes what the uploader gave with what the file itself says: a model is served with the minor version of the
    /// library that wrote it, since another one may load it and predict garbage.
    package init(given: [Requirement], facts: ArtifactFacts, format: ModelFormat) {
        var requirements = given
        var derived: [String] = []
        var conflicts: [String] = []
        func add(_ requirement: Requirement) {
            guard !requirements.contains(where: { $0.name == requirement.name }) else { return }
            requirements.append(requirement)
            derived.append(requirement.text)
        }
        if format == .onnx {
            add(Self.onnxRuntime)
        } else if let network = Self.network(facts) {
            if !given.contains(where: { $0.name == "tensorflow" }) { for requirement in network { add(requirement) } }
        } else if let framework = facts.framework {
            let version = Self.version(facts)
            if let pinned = given.first(where: { $0.name == Requirement(name: framework).name })?.pinnedVersion, let version,
                Self.minor(pinned) != Self.minor(version)
            {
                conflicts.append("the requirements ask for \(framework) \(pinned), the file was written by \(version)")
            }
            add(Requirement(name: framework, specifiers: version.map { "==\($0)" } ?? ""))
            if format != .pickle && format != .joblib && format != .catboost { add(Requirement(name: "scikit-learn")) }
        }
        for package in facts.packages {
            guard let name = Self.distributions[package] else { continue }
            add(Requirement(name: name))
        }
        if facts.featureNames != nil { add(Requirement(name: "pandas")) }
        if format == .skops { add(Requirement(name: "skops")) }
        if format == .joblib { add(Requirement(name: "joblib")) }
        if facts.compression == "lz4" { add(Requirement(name: "lz4")) }
        add(Requirement(name: "numpy"))
        tools = format.isNetwork ? Self.converters(facts) : []
        let implied = facts.impliedRequirements.compactMap { try? Requirement($0) }
        derived += implied.map(\.text)
        self.requirements = requirements + implied
        self.derived = derived
        self.conflicts = conflicts
    }

    /// The version that the file tells, when it is one: what stands there goes to the installer.
    private static func version(_ facts: ArtifactFacts) -> String? {
        facts.frameworkVersion.flatMap { text in
            let isVersion = text.utf8.count <= 40 && text.utf8.first.map { (0x30...0x39).contains($0) } ?? false
            return isVersion && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7a).contains($0) || $0 == 0x2e || $0 == 0x2b } ? text : nil
        }
    }

    private static func converters(_ facts: ArtifactFacts) -> [Requirement] {
        let onnx = Requirement(name: "onnx")
        // The converter of TensorFlow does not work with the newest protobuf.
        return facts.framework == "torch" ? [onnx] : [onnx, Requirement(name: "tf2onnx"), Requirement(name: "protobuf", specifiers: "<7")]
    }

    /// Keras and TensorFlow without the parts for graphics cards; PyTorch's files do not tell its version. nil for other models.
    private static func network(_ facts: ArtifactFacts) -> [Requirement]? {
        switch facts.framework {
        case "torch": return [Requirement(name: "torch")]
        case "tensorflow": return [Requirement(name: "tensorflow-cpu", specifiers: version(facts).map { ">=\($0)" } ?? "")]
        case "keras":
            guard let version = version(facts) else { return [Requirement(name: "keras", specifiers: ">=3"), Requirement(name: "tensorflow-cpu")] }
            // Until Keras 3, Keras was a part of the TensorFlow of its number.
            let parts = version.split(separator: ".")
            if parts.first == "2" { return [Requirement(name: "tensorflow-cpu", specifiers: "==\(parts.prefix(2).joined(separator: ".")).*")] }
            return [Requirement(name: "keras", specifiers: "==\(version)"), Requirement(name: "tensorflow-cpu")]
        default: return nil
        }
    }

    /// The library of the native worker; an upload may ask for another version.
    package static let onnxRuntime = Requirement(name: "onnxruntime", specifiers: "==1.31.1")

    /// Distributions whose import name differs, or that a file may need beside its framework.
    private static let distributions = [
        "sklearn": "scikit-learn", "scipy": "scipy", "pandas": "pandas", "joblib": "joblib", "xgboost": "xgboost", "lightgbm": "lightgbm",
        "imblearn": "imbalanced-learn", "category_encoders": "category-encoders", "catboost": "catboost",
    ]

    private static func minor(_ version: String) -> [Substring] {
        Array(version.split(separator: ".").prefix(2))
    }
}
