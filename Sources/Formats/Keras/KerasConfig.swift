import Domain
internal import Files

/// Judges the configuration of a Keras model: a tree of objects that each name the class to build.
/// https://keras.io/api/models/model_saving_apis/serialization_utils/
struct KerasConfig {
    /// Parts of Keras that hold classes of models only. Others have functions that download or write files (CVE-2025-8747).
    private static let parts: Set<String> = [
        "layers", "models", "initializers", "regularizers", "constraints", "optimizers", "losses", "metrics", "activations", "dtype_policies", "quantizers",
        "engine",
    ]
    private static let roots: Set<String> = ["keras", "tf_keras", "keras_hub", "keras_nlp", "keras_cv"]
    private static let topClasses: Set<String> = [
        "DTypePolicy", "FloatDTypePolicy", "QuantizedDTypePolicy", "QuantizedFloat8DTypePolicy", "DTypePolicyMap", "KerasTensor", "Functional", "Sequential",
        "Model", "Variable", "InputSpec",
    ]
    private static let builtins: Set<String> = ["float", "int", "bool", "str", "list", "tuple", "dict", "NoneType"]

    let session: ScanSession
    let subject: ScanSubject

    func judge(_ config: JSONNode) -> ArtifactFacts {
        var facts = ArtifactFacts()
        facts.framework = "keras"
        facts.className = config["class_name"]?.text.map { "keras.\($0)" }
        var pending = [config]
        while let value = pending.popLast() {
            switch value {
            case .object(let members):
                judge(value, &facts)
                pending += members.map(\.value)
            case .array(let items): pending += items
            default: break
            }
        }
        return facts
    }

    private func judge(_ object: JSONNode, _ facts: inout ArtifactFacts) {
        guard let name = object["class_name"]?.text else { return }
        facts.operators[name, default: 0] += 1
        if name == "Lambda" || name == "__lambda__" { return session.add(.kerasLambda, name, in: subject) }
        if name == "function" || name == "TFOpLambda" {
            return session.add(.kerasCustom, object["config"]?.text ?? object["config"]?["function"]?.text ?? name, in: subject)
        }
        if let module = object["module"]?.text {
            if !Self.isKnown(module, name) { session.add(.kerasCustom, "\(module).\(name)", in: subject) }
        } else if object["module"]?.isNull == true, let registered = object["registered_name"]?.text {
            session.add(.kerasCustom, registered, in: subject)
        } else if let registered = [object["registered_name"]?.text, name].compactMap(\.self).first(where: { $0.contains(">") }) {
            session.add(.kerasCustom, registered, in: subject)
        }
    }

    private static func isKnown(_ module: String, _ name: String) -> Bool {
        let path = module.split(separator: ".").map(String.init)
        if path == ["builtins"] { return builtins.contains(name) }
        guard let root = path.first, roots.contains(root) else { return false }
        guard let part = path.dropFirst().first(where: { $0 != "src" && $0 != "api" }) else { return topClasses.contains(name) }
        return parts.contains(part)
    }
}
