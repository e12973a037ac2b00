import Domain
internal import Files

/// Reads TensorFlow graphs: `saved_model.pb` and frozen `.pb` files.
/// https://github.com/tensorflow/tensorflow/tree/master/tensorflow/core/protobuf (saved_model.proto, meta_graph.proto), framework/graph.proto
struct TensorFlowScanner {
    enum Kind { case savedModel, graph }

    /// Operators that reach outside of the tensors. Saving and restoring checkpoints is part of every SavedModel.
    private static let dangerous: Set<String> = [
        "ReadFile", "WriteFile", "MatchingFiles", "PyFunc", "PyFuncStateless", "EagerPyFunc", "PrintV2", "Abort", "Save", "SaveSlices",
        "WholeFileReader", "WholeFileReaderV2", "TextLineReader", "TextLineReaderV2", "TFRecordReader", "TFRecordReaderV2", "FixedLengthRecordReader",
        "FixedLengthRecordReaderV2", "LMDBReader", "LMDBDataset", "TextLineDataset", "TFRecordDataset", "FixedLengthRecordDataset", "SqlDataset",
        "ExperimentalSqlDataset", "ExperimentalLMDBDataset", "CSVDataset", "CSVDatasetV2", "LoadDataset", "SaveDataset", "SaveDatasetV2",
        "DatasetFromGraph", "RegisterDataset", "RegisterDatasetV2", "DataServiceDataset", "DataServiceDatasetV2", "DebugIdentity", "DebugIdentityV2",
        "DebugIdentityV3", "WriteSummary", "CreateSummaryFileWriter", "CreateSummaryDbWriter", "RemoteCall", "RemoteFusedGraphExecute", "DistributedSave",
        "IgniteDataset", "BigtableClient", "ConfigureDistributedTPU", "LoadAndRemapMatrix", "SnapshotDataset", "SnapshotDatasetV2", "SnapshotDatasetReader",
        "SnapshotNestedDatasetReader", "SnapshotChunkDataset", "CacheDataset", "CacheDatasetV2", "ImmutableConst", "FileSystemSetConfiguration",
        "DebugNumericSummary", "DebugNumericSummaryV2", "DebugNanCount",
    ]

    /// Decides between the two by their messages, whatever other fields there are; nil when it is neither.
    static func kind(_ bytes: any RandomAccess) -> Kind? {
        if hasNode(bytes) { return .graph }
        var isSaved = false
        let isReadable: Void? = try? ProtobufReader.each(bytes) { field in
            if field.number == 2, let graph = field.slice, isMetaGraph(graph) { isSaved = true }
        }
        return isReadable != nil && isSaved ? .savedModel : nil
    }

    /// Whether a message has a graph (2) that begins with a node, or meta information (1) that lists operators.
    private static func isMetaGraph(_ message: Slice) -> Bool {
        var isGraph = false
        let isReadable: Void? = try? ProtobufReader.each(message) { field in
            if field.number == 2, let graph = field.slice, hasNode(graph) || graph.count == 0 { isGraph = true }
        }
        return isReadable != nil && isGraph
    }

    /// Whether the first message is a NodeDef: a name and an operator.
    private static func hasNode(_ bytes: any RandomAccess) -> Bool {
        var reader = ProtobufReader(bytes)
        guard let first = try? reader.next(), first.number == 1, let node = first.slice else { return false }
        var numbers: Set<Int> = []
        let isReadable: Void? = try? ProtobufReader.each(node) { numbers.insert($0.number) }
        return isReadable != nil && numbers.isSuperset(of: [1, 2])
    }

    func read(_ subject: ScanSubject, _ session: ScanSession, kind: Kind) throws -> ArtifactFacts {
        var facts = ArtifactFacts()
        facts.framework = "tensorflow"
        switch kind {
        case .graph: try readGraph(subject.bytes, &facts)
        case .savedModel:
            try ProtobufReader.each(subject.bytes) { field in
                if field.number == 2, let graph = field.slice { try readMetaGraph(graph, &facts) }
            }
        }
        judge(facts.operators, subject, session)
        return facts
    }

    private func judge(_ operators: [String: Int], _ subject: ScanSubject, _ session: ScanSession) {
        for name in operators.keys.sorted() {
            if Self.dangerous.contains(name) {
                session.add(.tensorflowOperator, name, in: subject)
            } else if !KnownTensorFlowOperators.names.contains(name) {
                session.add(.tensorflowUnknown, name, in: subject)
            }
        }
    }

    /// MetaGraphDef: meta info (1), graph (2), signatures (5).
    private func readMetaGraph(_ message: Slice, _ facts: inout ArtifactFacts) throws {
        try ProtobufReader.each(message) { field in
            guard let slice = field.slice else { return }
            switch field.number {
            case 1: try ProtobufReader.each(slice) { if $0.number == 5 { facts.frameworkVersion = try $0.text } }
            case 2: try readGraph(slice, &facts)
            case 5: try readSignature(slice, &facts)
            default: break
            }
        }
    }

    /// GraphDef: nodes (1) and the library (2) of functions.
    private func readGraph(_ graph: any RandomAccess, _ facts: inout ArtifactFacts) throws {
        try ProtobufReader.each(graph) { field in
            guard let slice = field.slice else { return }
            if field.number == 1 { try readNode(slice, &facts) }
            guard field.number == 2 else { return }
            try ProtobufReader.each(slice) { function in
                guard function.number == 1, let body = function.slice else { return }
                try ProtobufReader.each(body) { if $0.number == 3, let node = $0.slice { try readNode(node, &facts) } }
                facts.hyperparameters["functions"] = .int((facts.hyperparameters["functions"]?.intValue ?? 0) + 1)
            }
        }
    }

    private func readNode(_ node: Slice, _ facts: inout ArtifactFacts) throws {
        try ProtobufReader.each(node) { field in
            guard field.number == 2, let name = try field.text, facts.operators.count < 10_000 || facts.operators[name] != nil else { return }
            facts.operators[name, default: 0] += 1
        }
    }

    /// An entry of the signature map: a name (1) and a SignatureDef (2) with inputs (1) and outputs (2).
    private func readSignature(_ entry: Slice, _ facts: inout ArtifactFacts) throws {
        var name = ""
        var definition: Slice?
        try ProtobufReader.each(entry) { field in
            if field.number == 1 { name = try field.text ?? "" }
            if field.number == 2 { definition = field.slice }
        }
        guard name == "serving_default", let definition else { return }
        try ProtobufReader.each(definition) { field in
            guard let slice = field.slice, field.number == 1 || field.number == 2 else { return }
            let fact = try Self.tensor(slice)
            if field.number == 1 { facts.inputs.append(fact) } else { facts.outputs.append(fact) }
        }
    }

    /// A map entry: name (1) and TensorInfo (2) with type (2) and shape (3).
    private static func tensor(_ entry: Slice) throws -> TensorFact {
        var name = ""
        var datatype = "unknown"
        var shape: [Int?]?
        try ProtobufReader.each(entry) { field in
            if field.number == 1 { name = try field.text ?? "" }
            guard field.number == 2, let info = field.slice else { return }
            try ProtobufReader.each(info) { part in
                if part.number == 2 { datatype = datatypes[Int(clamping: part.integer ?? 0)] ?? "unknown" }
                if part.number == 3, let extents = part.slice { shape = try Self.shape(extents) }
            }
        }
        return TensorFact(name: name, datatype: datatype, shape: shape)
    }

    private static func shape(_ message: Slice) throws -> [Int?] {
        var shape: [Int?] = []
        try ProtobufReader.each(message) { field in
            guard field.number == 2, let dimension = field.slice, shape.count < 64 else { return }
            var extent: Int?
            try ProtobufReader.each(dimension) { if $0.number == 1 { extent = $0.integer.flatMap { $0 < 0 ? nil : Int($0) } } }
            shape.append(extent)
        }
        return shape
    }

    private static let datatypes = [
        1: "float32", 2: "float64", 3: "int32", 4: "uint8", 5: "int16", 6: "int8", 7: "string", 8: "complex64", 9: "int64", 10: "bool", 14: "bfloat16",
        17: "uint16", 18: "complex128", 19: "float16", 20: "resource", 21: "variant", 22: "uint32", 23: "uint64",
    ]
}
