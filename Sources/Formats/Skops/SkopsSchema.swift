import Domain
internal import Files

/// Judges the schema of a skops file: a tree of objects that each name their class and how it is built.
/// https://github.com/skops-dev/skops/tree/main/skops/io
struct SkopsSchema {
    let session: ScanSession
    let subject: ScanSubject

    func judge(_ schema: JSONNode) -> ArtifactFacts {
        var facts = ArtifactFacts()
        facts.framework = "scikit-learn"
        facts.frameworkVersion = version(schema)
        if let module = schema["__module__"]?.text, let name = schema["__class__"]?.text { facts.className = "\(module).\(name)" }
        var packages: Set<String> = []
        var seen: Set<[String]> = []
        var pending = [schema]
        while let value = pending.popLast() {
            switch value {
            case .object(let members):
                pending += members.map(\.value)
                guard let loader = value["__loader__"]?.text else { continue }
                guard let module = value["__module__"]?.text, let name = value["__class__"]?.text else {
                    session.add(.argument, "a node '\(loader)' without a class", in: subject)
                    continue
                }
                packages.insert(module.split(separator: ".").first.map(String.init) ?? module)
                let global = PickleGlobal(module: module, name: name)
                if seen.insert([module, name, loader]).inserted { judge(global, loader: loader) }
            case .array(let items): pending += items
            default: break
            }
        }
        facts.packages = packages.sorted()
        return facts
    }

    /// What nodes of plain values build: the class must be the one that the node is for.
    private static let plain: [String: Set<String>] = [
        "DictNode": ["builtins.dict", "sklearn.utils.Bunch", "sklearn.utils._bunch.Bunch"], "ListNode": ["builtins.list"], "TupleNode": ["builtins.tuple"],
        "SetNode": ["builtins.set", "builtins.frozenset"],
        "JsonNode": ["builtins.str", "builtins.int", "builtins.float", "builtins.bool", "builtins.NoneType"], "SliceNode": ["builtins.slice"],
        "BytesNode": ["builtins.bytes"], "BytearrayNode": ["builtins.bytearray"], "NdArrayNode": ["numpy.ndarray", "numpy.matrix"],
        "MaskedArrayNode": ["numpy.ma.core.MaskedArray", "numpy.ma.MaskedArray"], "DefaultDictNode": ["collections.defaultdict"],
        "OrderedDictNode": ["collections.OrderedDict"], "DatetimeNode": ["datetime.datetime"], "DateNode": ["datetime.date"], "TimeNode": ["datetime.time"],
        "TimedeltaNode": ["datetime.timedelta"], "RandomStateNode": ["numpy.random.mtrand.RandomState"], "RandomGeneratorNode": ["numpy.random._generator.Generator"],
        "SparseMatrixNode": [
            "scipy.sparse._csr.csr_matrix", "scipy.sparse._csc.csc_matrix", "scipy.sparse._coo.coo_matrix", "scipy.sparse._csr.csr_array",
            "scipy.sparse._csc.csc_array", "scipy.sparse._coo.coo_array",
        ], "DTypeNode": ["numpy.dtype"], "TypeNode": ["builtins.type"],
    ]

    private func judge(_ global: PickleGlobal, loader: String) {
        let verdict = AllowList.standard.verdict(on: global)
        let isPlain = Self.plain[loader]?.contains(global.qualifiedName)
        // A node of plain values with another class calls that class with the values.
        let isNumpyScalar = loader == "NdArrayNode" && global.module == "numpy" && verdict != .refused && verdict != .unknown
        if isPlain == false, loader != "TypeNode", !isNumpyScalar {
            return session.add(.unlistedGlobal, "\(global.qualifiedName) by \(loader)", in: subject)
        }
        let reason: String? = if case .allowed(let reason) = verdict { reason } else { isPlain == true ? "a plain value of skops" : nil }
        let record: ImportRecord.Verdict = reason != nil ? .allowed : verdict == .unknown ? .unknown : .refused
        session.add(ImportRecord(name: global.qualifiedName, verdict: record, allowedAs: reason, member: subject.member, offset: 0))
        switch record {
        case .allowed: break
        case .refused: session.add(.unlistedGlobal, global.qualifiedName, in: subject)
        case .unknown: session.add(.unknownPackage, global.qualifiedName, in: subject)
        }
    }

    private func version(_ schema: JSONNode) -> String? {
        schema["content"]?["content"]?["_sklearn_version"]?["content"]?.text.map { $0.filter { $0 != "\"" } }
    }
}
