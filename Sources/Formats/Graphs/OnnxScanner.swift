import Domain
internal import Files

/// Reads ONNX models. https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
struct OnnxScanner {
    private static let maximumDepth = 24
    /// Domains whose operators ONNX Runtime brings along.
    private static let knownDomains: Set<String> = [
        "", "ai.onnx", "ai.onnx.ml", "ai.onnx.training", "ai.onnx.preview.training", "com.microsoft", "com.microsoft.nchwc", "com.ms.internal.nhwc",
        "org.pytorch.aten", "pkg.onnxscript.torch_lib", "pkg.onnxscript.torch_lib.common",
    ]

    /// Whether the content is a ModelProto: known fields only, a version and a graph.
    static func matches(_ bytes: any RandomAccess) -> Bool {
        var numbers: Set<Int> = []
        do {
            try ProtobufReader.each(bytes) { field in
                numbers.insert(field.number)
                if field.number == 1, !(1...1000).contains(field.integer ?? 0) { throw ReadFault.malformed("", at: 0) }
                guard field.number == 7 else { return }
                guard let graph = field.slice, isGraph(graph) else { throw ReadFault.malformed("", at: 0) }
            }
        } catch {
            return false
        }
        return numbers.isSuperset(of: [1, 7])
    }

    private static func isGraph(_ graph: Slice) -> Bool {
        var reader = ProtobufReader(graph)
        guard let first = try? reader.next() else { return false }
        return first.slice != nil && [1, 2, 5, 10, 11, 12, 13, 14, 15, 16].contains(first.number)
    }

    func read(_ subject: ScanSubject, _ session: ScanSession) throws -> ArtifactFacts {
        var facts = ArtifactFacts()
        facts.framework = "onnx"
        facts.parameterCount = 0
        try ProtobufReader.each(subject.bytes) { field in
            switch field.number {
            case 1: facts.frameworkVersion = field.integer.map { "IR \($0)" }
            case 2: facts.hyperparameters["producer_name"] = try field.text.map { .string($0) }
            case 3: facts.hyperparameters["producer_version"] = try field.text.map { .string($0) }
            case 7: if let graph = field.slice { try readGraph(graph, depth: 0, &facts, subject, session) }
            case 8: if let set = field.slice { try readOperatorSet(set, &facts) }
            case 20:
                try field.slice.map { training in
                    try ProtobufReader.each(training) { part in
                        if part.number == 1 || part.number == 2, let graph = part.slice { try readGraph(graph, depth: 1, &facts, subject, session) }
                    }
                }
            case 25: if let function = field.slice { try readFunction(function, &facts, subject, session) }
            default: break
            }
        }
        for domain in facts.operatorSets.keys.sorted() where !Self.knownDomains.contains(domain) {
            session.add(.onnxDomain, domain, in: subject)
        }
        return facts
    }

    private func readOperatorSet(_ set: Slice, _ facts: inout ArtifactFacts) throws {
        var domain = ""
        var version = 0
        try ProtobufReader.each(set) { field in
            if field.number == 1 { domain = try field.text ?? "" }
            if field.number == 2 { version = Int(clamping: field.integer ?? 0) }
        }
        facts.operatorSets[domain] = version
    }

    /// A local function (field 25): its nodes (7) run like those of a graph.
    private func readFunction(_ function: Slice, _ facts: inout ArtifactFacts, _ subject: ScanSubject, _ session: ScanSession) throws {
        try ProtobufReader.each(function) { field in
            if field.number == 7, let node = field.slice { try readNode(node, depth: 1, &facts, subject, session) }
            if field.number == 11, let attribute = field.slice { try readAttribute(attribute, depth: 1, &facts, subject, session) }
        }
    }

    private func readGraph(_ graph: Slice, depth: Int, _ facts: inout ArtifactFacts, _ subject: ScanSubject, _ session: ScanSession) throws {
        guard depth <= Self.maximumDepth else { return session.add(.graphDepth, "a graph at depth \(depth)", in: subject) }
        var initializers: Set<String> = []
        var inputs: [TensorFact] = []
        try ProtobufReader.each(graph) { field in
            guard let slice = field.slice else { return }
            switch field.number {
            case 1: try readNode(slice, depth: depth, &facts, subject, session)
            case 5:
                let name = try readTensor(slice, at: field.offset, &facts, subject, session)
                if depth == 0 { initializers.insert(name) }
            case 15: try readSparseTensor(slice, at: field.offset, &facts, subject, session)
            case 11 where depth == 0: inputs.append(try OnnxValue.fact(slice))
            case 12 where depth == 0: facts.outputs.append(try OnnxValue.fact(slice))
            default: break
            }
        }
        if depth == 0 { facts.inputs = inputs.filter { !initializers.contains($0.name) } }
    }

    private func readNode(_ node: Slice, depth: Int, _ facts: inout ArtifactFacts, _ subject: ScanSubject, _ session: ScanSession) throws {
        var type = ""
        var domain = ""
        try ProtobufReader.each(node) { field in
            switch field.number {
            case 4: type = try field.text ?? ""
            case 7: domain = try field.text ?? ""
            case 5: if let attribute = field.slice { try readAttribute(attribute, depth: depth, &facts, subject, session) }
            default: break
            }
        }
        if facts.operators.count < 10_000 { facts.operators[domain.isEmpty ? type : "\(domain).\(type)", default: 0] += 1 }
        if !Self.knownDomains.contains(domain), facts.operatorSets[domain] == nil { session.add(.onnxDomain, "\(domain).\(type)", in: subject) }
    }

    /// AttributeProto: a tensor (5, 10) or graphs (6, 11).
    private func readAttribute(_ attribute: Slice, depth: Int, _ facts: inout ArtifactFacts, _ subject: ScanSubject, _ session: ScanSession) throws {
        try ProtobufReader.each(attribute) { field in
            guard let slice = field.slice else { return }
            switch field.number {
            case 5, 10: _ = try readTensor(slice, at: field.offset, &facts, subject, session)
            case 22, 23: try readSparseTensor(slice, at: field.offset, &facts, subject, session)
            case 6, 11: try readGraph(slice, depth: depth + 1, &facts, subject, session)
            default: break
            }
        }
    }

    /// SparseTensorProto: values (1) and indices (2).
    private func readSparseTensor(_ message: Slice, at offset: Int64, _ facts: inout ArtifactFacts, _ subject: ScanSubject, _ session: ScanSession) throws {
        try ProtobufReader.each(message) { part in
            if part.number == 1 || part.number == 2, let tensor = part.slice { _ = try readTensor(tensor, at: offset, &facts, subject, session) }
        }
    }

    /// - Returns: The tensor's name.
    private func readTensor(_ tensor: Slice, at offset: Int64, _ facts: inout ArtifactFacts, _ subject: ScanSubject, _ session: ScanSession) throws -> String {
        let tensor = try OnnxTensor(tensor)
        if let fault = tensor.shapeFault { session.add(.graphShape, "'\(tensor.name)': \(fault)", at: offset, in: subject) }
        for location in tensor.externalLocations where ArchivePath.isUnsafe(location) || location.hasPrefix("~") {
            session.add(.onnxExternal, location, at: offset, in: subject)
        }
        facts.parameterCount = (facts.parameterCount ?? 0) &+ (tensor.elements ?? 0)
        facts.arrayBytes = (facts.arrayBytes ?? 0) &+ Int(clamping: tensor.rawBytes ?? 0)
        return tensor.name
    }
}
