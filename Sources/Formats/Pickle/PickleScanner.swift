import Domain
internal import Files

/// Reads a pickle or joblib stream: follows its opcodes, and judges what they would do.
struct PickleScanner {
    let loader: PickleMachine.Loader

    /// Reads one pickle to the end of the content.
    /// - Parameter compression: How the content is compressed; only joblib opens such files.
    func read(_ subject: ScanSubject, _ session: ScanSession, compression: Compression? = nil) throws -> ArtifactFacts {
        let plain = SequentialSource(subject.bytes)
        let source: any ByteSource = try compression.map { try DecompressingSource(plain, $0) } ?? plain
        let reader = ByteReader(source, limit: session.limits.maximumExpandedBytes)
        return read(reader, subject, session, compression: compression)
    }

    func read(_ reader: ByteReader, _ subject: ScanSubject, _ session: ScanSession, compression: Compression? = nil) -> ArtifactFacts {
        let machine = PickleMachine(reader, limits: session.limits, loader: loader)
        do {
            try machine.run()
            if try !reader.isAtEnd { session.add(.trailingBytes, "bytes after the end of the pickle", at: reader.offset, in: subject) }
        } catch {
            session.add(error.placed(at: reader.offset), in: subject)
        }
        PickleJudge(allowList: .standard, session: session, subject: subject).judge(machine)
        return facts(of: machine, compression: compression)
    }

    /// What a followed pickle tells about the model in it.
    func facts(of machine: PickleMachine, compression: Compression? = nil) -> ArtifactFacts {
        var facts = machine.graph.estimatorFacts()
        facts.compression = compression?.rawValue
        facts.pickleProtocol = machine.protocolVersion
        facts.globalCount = machine.graph.globals.count
        facts.callCount = machine.callCount
        facts.arrayBytes = Int(machine.arrayBytes)
        facts.packages = Set(machine.graph.globals.compactMap { $0.module.split(separator: ".").first.map(String.init) }).sorted()
        let package = facts.className?.split(separator: ".").first.map(String.init)
        facts.framework = package.flatMap { ["sklearn": "scikit-learn", "xgboost": "xgboost", "lightgbm": "lightgbm"][$0] }
        facts.impliedRequirements = impliedRequirements(machine.graph, framework: facts.framework)
        return facts
    }

    /// numpy 2 renamed `numpy.core` to `numpy._core`: such a pickle does not load in numpy 1. Models of other libraries hold estimators
    /// of scikit-learn, which tell its version.
    private func impliedRequirements(_ graph: PickleGraph, framework: String?) -> [String] {
        let numpy = graph.globals.contains { $0.module.hasPrefix("numpy._core") } ? ["numpy>=2"] : []
        guard framework != "scikit-learn", let version = graph.innerVersion else { return numpy }
        return numpy + ["scikit-learn==\(version)"]
    }
}

extension Error {
    /// The same fault with a place, where the one who threw it knew none.
    fileprivate func placed(at offset: Int64) -> any Error {
        guard let fault = self as? ReadFault, case .malformed(let what, 0) = fault else { return self }
        return ReadFault.malformed(what, at: offset)
    }
}
