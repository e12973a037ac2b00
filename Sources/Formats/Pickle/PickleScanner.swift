import Domain

/// Scans pickle and joblib files.
struct PickleScanner {
    let limits: ScanLimits

    /// - Parameter format: How the file will be loaded: joblib reads arrays out of the stream, plain pickle does not.
    func scan(path: String, format: ModelFormat, compression: Compression?) throws -> ScannedArtifact {
        let file = try FileSource(path: path)
        let source: any ByteSource = try compression.map { try DecompressingSource(file, $0) } ?? file
        let reader = ByteReader(source, limit: limits.maximumExpandedBytes)
        return scan(reader, format: format, compression: compression)
    }

    func scan(_ reader: ByteReader, format: ModelFormat, compression: Compression?) -> ScannedArtifact {
        let machine = PickleMachine(reader, limits: limits, readsArrays: format == .joblib)
        var faults: [Finding] = []
        do {
            try machine.run()
            if try !reader.isAtEnd {
                faults.append(
                    Finding(
                        .critical, "pickle.trailing_bytes", at: Int(reader.offset), found: "bytes after the end of the pickle",
                        reason: "A second pickle or other data can hide there; a model file ends where its pickle ends."
                    )
                )
            }
        } catch {
            faults.append(unreadable(error, at: reader.offset))
        }
        let findings = PickleJudge(allowList: .standard).findings(on: machine) + faults
        return ScannedArtifact(
            format: format,
            facts: facts(of: machine, compression: compression),
            findings: findings
        )
    }

    private func facts(of machine: PickleMachine, compression: Compression?) -> ArtifactFacts {
        var facts = machine.graph.estimatorFacts()
        facts.compression = compression?.rawValue
        facts.pickleProtocol = machine.protocolVersion
        facts.globalCount = machine.graph.globals.count
        facts.callCount = machine.callCount
        facts.arrayBytes = Int(machine.arrayBytes)
        facts.packages = Set(machine.graph.globals.compactMap { $0.module.split(separator: ".").first.map(String.init) }).sorted()
        facts.impliedRequirements = impliedRequirements(machine.graph.globals)
        let package = facts.className?.split(separator: ".").first.map(String.init)
        facts.framework = package.flatMap { ["sklearn": "scikit-learn", "xgboost": "xgboost", "lightgbm": "lightgbm"][$0] }
        return facts
    }

    /// numpy 2 renamed `numpy.core` to `numpy._core`: such a pickle does not load in numpy 1.
    private func impliedRequirements(_ globals: [PickleGlobal]) -> [String] {
        globals.contains { $0.module.hasPrefix("numpy._core") } ? ["numpy>=2"] : []
    }

    private func unreadable(_ error: any Error, at offset: Int64) -> Finding {
        let (found, place): (String, Int64) =
            switch error {
            case ReadFault.truncated(let at): ("the file ends in the middle", at)
            case ReadFault.malformed(let what, let at): (what, at == 0 ? offset : at)
            case ReadFault.limit(let what, let at): (what, at)
            case let fault as CodecFault: ("\(fault.library) refuses the compressed data (code \(fault.code))", offset)
            default: ("the file could not be read", offset)
            }
        return Finding(
            .critical, "pickle.unreadable", at: Int(place), found: found,
            reason: "What cannot be read to the end cannot be judged, and is never loaded."
        )
    }
}
