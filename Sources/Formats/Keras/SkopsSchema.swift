import Domain

/// Judges the schema of a skops file: a tree of objects that each name their class and how it is built.
/// https://github.com/skops-dev/skops/tree/main/skops/io
struct SkopsSchema {
    let session: ScanSession
    let subject: ScanSubject

    func judge(_ schema: JSONValue) -> ArtifactFacts {
        var facts = ArtifactFacts()
        facts.framework = "scikit-learn"
        facts.frameworkVersion = version(schema)
        if let module = schema["__module__"]?.stringValue, let name = schema["__class__"]?.stringValue { facts.className = "\(module).\(name)" }
        var packages: Set<String> = []
        var seen: Set<PickleGlobal> = []
        var pending = [schema]
        while let value = pending.popLast() {
            switch value {
            case .object(let members):
                pending += members.values
                guard let module = members["__module__"]?.stringValue, let name = members["__class__"]?.stringValue, members["__loader__"] != nil else { continue }
                packages.insert(module.split(separator: ".").first.map(String.init) ?? module)
                let global = PickleGlobal(module: module, name: name)
                if seen.insert(global).inserted { judge(global, loader: members["__loader__"]?.stringValue ?? "") }
            case .array(let items): pending += items
            default: break
            }
        }
        facts.packages = packages.sorted()
        return facts
    }

    /// Nodes that hold numbers, text and containers build nothing else.
    private static let plain: Set<String> = [
        "DictNode", "ListNode", "TupleNode", "SetNode", "JsonNode", "NdArrayNode", "SliceNode", "BytesNode", "BytearrayNode", "SparseMatrixNode",
        "RandomStateNode", "RandomGeneratorNode", "MaskedArrayNode", "DefaultDictNode", "DatetimeNode", "DateNode", "TimeNode", "TimedeltaNode", "OrderedDictNode",
    ]

    private func judge(_ global: PickleGlobal, loader: String) {
        let verdict = AllowList.standard.verdict(on: global)
        let isPlain = Self.plain.contains(loader) && ["builtins", "collections", "numpy", "scipy", "datetime"].contains(global.module.split(separator: ".").first ?? "")
        let reason: String? = if case .allowed(let reason) = verdict { reason } else { isPlain ? "a plain value of skops" : nil }
        let record: ImportRecord.Verdict = reason != nil ? .allowed : verdict == .unknown ? .unknown : .refused
        session.add(ImportRecord(name: global.qualifiedName, verdict: record, allowedAs: reason, member: subject.member, offset: 0))
        switch record {
        case .allowed: break
        case .refused: session.add(.unlistedGlobal, global.qualifiedName, in: subject)
        case .unknown: session.add(.unknownPackage, global.qualifiedName, in: subject)
        }
    }

    private func version(_ schema: JSONValue) -> String? {
        schema["content"]?["content"]?["_sklearn_version"]?["content"]?.stringValue.map { $0.filter { $0 != "\"" } }
    }
}
