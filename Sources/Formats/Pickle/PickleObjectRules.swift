/// What an object of a pickle may be made of. Allowed names alone are not enough: some of them do what their arguments or their state say.
///
/// Fails closed: what is sensitive must have exactly the form in which its library writes it.
struct PickleObjectRules {
    let graph: PickleGraph
    private let holdsStatsmodels: Bool

    init(graph: PickleGraph) {
        self.graph = graph
        holdsStatsmodels = graph.globals.contains { $0.module.hasPrefix("statsmodels") }
    }

    // MARK: - Calls

    /// What is wrong with a call of an allowed name; nil when nothing is.
    func fault(calling callee: PickleGlobal, _ arguments: PickleValue) -> String? {
        if AllowedCoreNames.isReference(callee) { return "a call of a function that models only refer to" }
        switch (callee.module, callee.name) {
        case ("builtins", _), ("__builtin__", _): return plainArguments(arguments) ? nil : "an argument that is an object"
        case ("collections", _), ("datetime", _), ("decimal", _), ("fractions", _), ("uuid", _), ("_codecs", _):
            return plainArguments(arguments, factory: callee.name == "defaultdict") ? nil : "an argument that is an object"
        case ("copyreg", _), ("copy_reg", _): return classes(arguments, atLeast: 1) ? nil : "something that is no class"
        case ("torch._tensor", "_rebuild_from_type_v2"):
            return first(arguments).map { $0.module == "torch._utils" } ?? false ? nil : "something that is no rebuilding function"
        case ("torch.jit._pickle", "restore_type_tag"): return isContainer(graph.items(arguments)?.first) ? nil : "something that is no list"
        case (let module, "_reconstruct") where module.hasPrefix("numpy"), (let module, "_mareconstruct") where module.hasPrefix("numpy"):
            return first(arguments).map { $0.module.hasPrefix("numpy") || $0.module.hasPrefix("sklearn") } ?? false ? nil : "something that is no array class"
        case (let module, "_new_Index") where module.hasPrefix("pandas"):
            return first(arguments).map { $0.module.hasPrefix("pandas") && $0.name.hasSuffix("Index") } ?? false ? nil : "something that is no index class"
        case ("functools", _): return first(arguments) == Self.arrayCheck && graph.items(arguments)?.count == 1 ? nil : "another function than check_array"
        case ("numpy.random._pickle", _): return randomArguments(arguments) ? nil : "something that is no generator"
        default: return nil
        }
    }

    /// Numbers, text and containers, all the way down to a depth; what protocols 0 to 2 write for bytes as well.
    private func plainArguments(_ arguments: PickleValue, factory: Bool = false) -> Bool {
        guard let items = graph.items(arguments) else { return false }
        return items.allSatisfy { item in
            switch item {
            case .global(let index): factory && Self.isFactory(graph.globals[index])
            case .array: false
            case .node(let index):
                if case .object(let callee, let inner) = graph.kind(index) {
                    graph.global(callee).map { $0 == PickleGlobal(module: "_codecs", name: "encode") } ?? false && plainArguments(inner)
                } else {
                    true
                }
            default: true
            }
        }
    }

    /// A class whose instances are empty containers or zero: what a default dictionary is made with.
    private static func isFactory(_ name: PickleGlobal) -> Bool {
        switch name.module {
        case "builtins", "__builtin__": ["list", "dict", "set", "tuple", "int", "float", "str", "bool"].contains(name.name)
        case "collections": ["OrderedDict", "Counter", "deque"].contains(name.name)
        default: false
        }
    }

    private func classes(_ arguments: PickleValue, atLeast count: Int) -> Bool {
        guard let items = graph.items(arguments), items.count >= count else { return false }
        return items.prefix(count).allSatisfy { graph.global($0) != nil }
    }

    private func first(_ arguments: PickleValue) -> PickleGlobal? {
        graph.global(graph.items(arguments)?.first)
    }

    private func isContainer(_ value: PickleValue?) -> Bool {
        guard case .node(let index) = value else { return false }
        if case .object = graph.kind(index) { return false }
        return true
    }

    private func isEmptyContainer(_ value: PickleValue) -> Bool {
        isContainer(value) && graph.pairs(of: value).isEmpty && (graph.items(value) ?? []).isEmpty
    }

    /// Names of generators, their classes and constructors, and generators that were made from these.
    private func randomArguments(_ arguments: PickleValue) -> Bool {
        guard let items = graph.items(arguments) else { return false }
        return items.allSatisfy { item in
            switch item {
            case .string, .none: return true
            case .global(let index): return graph.globals[index].module.hasPrefix("numpy.random.")
            case .node: return graph.object(item).flatMap { graph.global($0.callee) }?.module.hasPrefix("numpy.random.") ?? false
            default: return false
            }
        }
    }

    // MARK: - State

    static let arrayCheck = PickleGlobal(module: "sklearn.utils.validation", name: "check_array")

    /// `(function, arguments, options, dictionary)`: the state could name another function than the call did.
    private func partialFault(_ state: PickleValue) -> String? {
        guard let items = graph.items(state), items.count == 4, graph.global(items[0]) == Self.arrayCheck, graph.items(items[1])?.isEmpty == true,
            graph.entries(of: items[3]).isEmpty
        else { return "a partial function of another form" }
        let options = graph.pairs(of: items[2])
        let arePlain = options.allSatisfy { option in
            switch graph.string(option.key) {
            case "ensure_all_finite", "force_all_finite": if case .bool = option.value { true } else { false }
            case "dtype": graph.items(option.value)?.allSatisfy { graph.global($0)?.module == "numpy" } ?? false
            default: false
            }
        }
        return arePlain ? nil : "a partial function with other options"
    }

    private static let methods: Set<String> = [
        "predict", "predict_proba", "predict_log_proba", "decision_function", "transform", "fit", "fit_transform", "score", "score_samples",
        "get_params", "set_params", "forward", "append", "extend", "add", "update",
    ]
    private static let responses: Set<String> = ["predict", "predict_proba", "predict_log_proba", "decision_function", "default", "auto"]

    /// The class of what a call makes: protocols 0 and 1 write it as the first argument of a reconstructor.
    func made(by callee: PickleGlobal?, _ arguments: PickleValue) -> PickleGlobal? {
        guard let callee, ["copyreg", "copy_reg"].contains(callee.module) else { return callee }
        return first(arguments) ?? callee
    }

    /// What is wrong with the state of an object; nil when nothing is.
    func fault(state: PickleValue, of callee: PickleGlobal?) -> String? {
        if graph.object(state) != nil { return "a state that is made by a call" }
        if callee?.module == "functools" { return partialFault(state) }
        // `(dictionary, slots)`: every name of the second half is set as an attribute.
        let halves = graph.items(state).flatMap { $0.count == 2 ? $0 : nil } ?? [state]
        for half in halves {
            for (key, value) in graph.entries(of: half) {
                if callee?.module.hasPrefix("statsmodels.") ?? false, key == "__doc__", graph.string(value) != nil || value == .none { continue }
                // Any object may stand where statsmodels looks for its own.
                if Self.formulas.contains(key), holdsStatsmodels, !isFormula(value) { return "\(key) = \(words(value))" }
                // torch.jit leaves an empty one behind on modules that it has compiled.
                if key == "__overloads__", isEmptyContainer(value) { continue }
                if key.hasPrefix("__"), key.hasSuffix("__") { return "\(key) = \(words(value))" }
                if Self.methods.contains(key), isCallable(value) { return "\(key) = \(words(value))" }
                if key == "_response_method", !isResponse(value) { return "\(key) = \(words(value))" }
                if callee?.name == "FrozenEstimator", key == "estimator", graph.object(value) == nil { return "\(key) = \(words(value))" }
            }
        }
        return nil
    }

    private func isCallable(_ value: PickleValue) -> Bool {
        // scikit-learn keeps what its methods may be given under the methods' names.
        if let (_, callee, _) = graph.object(value), graph.global(callee)?.module == "sklearn.utils._metadata_requests" { return false }
        return graph.global(value) != nil || graph.object(value) != nil
    }

    private func isResponse(_ value: PickleValue) -> Bool {
        if let text = graph.string(value) { return Self.responses.contains(text) }
        return graph.items(value)?.allSatisfy { graph.string($0).map(Self.responses.contains) ?? false } ?? (value == .none)
    }

    /// What statsmodels hands to its formula engine, which runs it.
    private static let formulas: Set<String> = ["formula", "model_spec", "design_info", "design_info_linear"]

    private func isFormula(_ value: PickleValue) -> Bool {
        value == .none || graph.string(value).map(ModelFormula.isArithmetic) ?? false
    }

    private func words(_ value: PickleValue) -> String {
        graph.global(value)?.qualifiedName ?? graph.string(value).map { "'\($0)'" } ?? "a value"
    }
}
