import Domain

extension PickleGraph {
    /// What the outermost estimator tells about itself, through pipelines and searches.
    func estimatorFacts() -> ArtifactFacts {
        var facts = ArtifactFacts()
        guard let root = estimator(root) else { return facts }
        facts.className = root.className
        facts.frameworkVersion = first(in: root) { string(entry("_sklearn_version", of: $0.state)) }
        facts.featureCount = first(in: root) { int(entry("n_features_in_", of: $0.state)) }
        facts.featureNames = first(in: root) { featureNames(of: $0) }
        facts.classes = first(in: root, from: .last) { elements(of: entry("classes_", of: $0.state)) }
        facts.steps = steps(of: root).prefix(1000).map(\.className)
        facts.hyperparameters = hyperparameters(of: root)
        return facts
    }

    /// The version of scikit-learn that an estimator somewhere in the graph tells; nil when none does or it is no version.
    var innerVersion: String? {
        let version = firstState { string(entry("_sklearn_version", of: $0)) }
        guard let version, version.count <= 20, version.split(separator: ".").count >= 2, version.allSatisfy({ $0.isNumber || $0 == "." }) else { return nil }
        return version
    }

    /// An object of a named class and the dictionary that BUILD gave it.
    struct Estimator {
        let className: String
        let state: PickleValue
    }

    func estimator(_ value: PickleValue?) -> Estimator? {
        guard let (index, callee, arguments) = object(value), let state = state(index), let callee = global(callee) else { return nil }
        let isReconstructor = callee.name == "_reconstructor"
        guard let type = isReconstructor ? global(items(arguments)?.first) : callee else { return nil }
        return Estimator(className: type.qualifiedName, state: state)
    }

    /// The estimators inside a pipeline, or inside a search that found its best one.
    private func steps(of estimator: Estimator) -> [Estimator] {
        if let best = self.estimator(entry("best_estimator_", of: estimator.state)) { return [best] }
        return (items(entry("steps", of: estimator.state)) ?? []).compactMap { step in
            items(step).flatMap { $0.count > 1 ? self.estimator($0[1]) : nil }
        }
    }

    private enum Side { case first, last }

    /// The first answer of `read` on the estimator itself, then on its steps from one side; at most 1,000 are asked, since
    /// a hostile graph can refer to the same steps again and again.
    private func first<Fact>(in estimator: Estimator, from side: Side = .first, _ read: (Estimator) -> Fact?) -> Fact? {
        var pending = [estimator]
        for _ in 0..<1000 {
            guard let next = pending.popLast() else { return nil }
            if let fact = read(next) { return fact }
            let steps = steps(of: next).prefix(1000)
            pending += side == .first ? steps.reversed() : Array(steps)
        }
        return nil
    }

    private func featureNames(of estimator: Estimator) -> [String]? {
        guard let names = elements(of: entry("feature_names_in_", of: estimator.state)), !names.isEmpty else { return nil }
        let texts = names.compactMap(\.stringValue)
        return texts.count == names.count ? texts : nil
    }

    /// Parameters of the constructor: names without a leading or trailing underscore and with a plain value.
    private func hyperparameters(of estimator: Estimator) -> [String: JSONValue] {
        let target = steps(of: estimator).last ?? estimator
        var parameters: [String: JSONValue] = [:]
        for (key, value) in entries(of: target.state).prefix(500) where !key.hasPrefix("_") && !key.hasSuffix("_") {
            if let plain = plain(value) { parameters[key] = plain }
        }
        return parameters
    }

    private func plain(_ value: PickleValue) -> JSONValue? {
        switch value {
        case .none: .null
        case .bool(let flag): .bool(flag)
        case .int(let number): .int(number)
        case .float(let number): number.isFinite ? .double(number) : .string("\(number)")
        case .string(let index) where texts[index].utf8.count <= 256: .string(texts[index])
        default: nil
        }
    }
}
