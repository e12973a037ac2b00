import Domain
internal import Files

/// Judges an archive: its members' names, then what they are together, then each of them.
struct ArchiveScanner {
    private static let maximumDocument: Int64 = 32 << 20

    /// Reads a member that may be an archive itself.
    func readMember(_ subject: ScanSubject, _ session: ScanSession) throws {
        _ = try ArtifactReader().read(subject, session)
    }

    func readZip(_ subject: ScanSubject, _ session: ScanSession) throws -> (ModelFormat, ArtifactFacts) {
        try enter(subject, session) { try ZipArchive(subject.bytes).members(subject, session) }
    }

    func readTar(_ subject: ScanSubject, _ session: ScanSession) throws -> (ModelFormat, ArtifactFacts) {
        try enter(subject, session) { try TarArchive(subject.bytes).members(subject, session) }
    }

    func readSevenZip(_ subject: ScanSubject, _ session: ScanSession) throws -> (ModelFormat, ArtifactFacts) {
        try enter(subject, session) { try SevenZipArchive(subject.bytes).members(subject, session) }
    }

    private func enter(_ subject: ScanSubject, _ session: ScanSession, _ list: () throws -> [ArchiveMember]) throws -> (ModelFormat, ArtifactFacts) {
        guard subject.depth < session.limits.maximumArchiveDepth else {
            session.add(.nestedArchive, "an archive at depth \(subject.depth)", in: subject)
            return (.archive, ArtifactFacts())
        }
        let members = try list()
        judgeNames(members, subject, session)
        let format = Self.format(members.map(\.name))
        var facts = try read(members, as: format, subject, session)
        if facts.members.isEmpty { facts.members = members.prefix(1000).map { MemberFact(name: $0.name, sizeBytes: $0.size) } }
        return (format, facts)
    }

    func judgeNames(_ members: [ArchiveMember], _ subject: ScanSubject, _ session: ScanSession) {
        var seen: Set<String> = []
        for member in members {
            if ArchivePath.isUnsafe(member.name) { session.add(.memberPath, member.name, at: member.offset, in: subject) }
            if !seen.insert(ArchivePath.folded(member.name)).inserted { session.add(.memberDuplicate, member.name, at: member.offset, in: subject) }
        }
    }

    /// What an archive is, by the names that its kind always has.
    private static func format(_ names: [String]) -> ModelFormat {
        func has(_ name: String) -> Bool { names.contains { $0 == name || $0.hasSuffix("/\(name)") } }
        if let torch = TorchScanner.format(names) { return torch }
        if names.contains("config.json"), names.contains("metadata.json"), names.contains(where: { $0.hasPrefix("model.weights") }) { return .kerasArchive }
        if names.contains("schema.json"), names.allSatisfy({ $0 == "schema.json" || !$0.contains("/") }) { return .skops }
        if !names.isEmpty, names.allSatisfy({ $0.hasSuffix(".npy") }) { return .numpyArchive }
        if has("MLmodel") { return .mlflow }
        if has("saved_model.pb") { return .savedModel }
        return .archive
    }

    private func read(_ members: [ArchiveMember], as format: ModelFormat, _ subject: ScanSubject, _ session: ScanSession) throws -> ArtifactFacts {
        switch format {
        case .torchZip, .torchScript, .torchExport: return try TorchScanner().read(members, format: format, subject, session)
        case .kerasArchive, .skops:
            var facts = ArtifactFacts()
            var kerasVersion: String?
            try each(members, subject, session) { member, content in
                switch (format, member.name) {
                case (.kerasArchive, "config.json"): facts = KerasConfig(session: session, subject: content).judge(try document(content))
                case (.kerasArchive, "metadata.json"): kerasVersion = try document(content)["keras_version"]?.text
                case (.skops, "schema.json"): facts = SkopsSchema(session: session, subject: content).judge(try document(content))
                case (.kerasArchive, _): break  // weights in HDF5: numbers that Keras reads in the sandbox
                default: try readMember(content, session)
                }
            }
            if format == .kerasArchive { facts.frameworkVersion = kerasVersion }
            return facts
        default: return try readAll(members, format, subject, session)
        }
    }

    /// Reads every member by its content, and texts by their names. The facts are those of the first model.
    private func readAll(_ members: [ArchiveMember], _ format: ModelFormat, _ subject: ScanSubject, _ session: ScanSession) throws -> ArtifactFacts {
        var facts: ArtifactFacts?
        try each(members, subject, session) { member, content in
            let name = member.name.split(separator: "/").last.map(String.init) ?? member.name
            switch TextKind(name: name) {
            case .python: return try PythonScanner().read(content, session)
            case .yaml: return try TextScanner().readYAML(content, session)
            case .requirements: return try TextScanner().readRequirements(content, session)
            case nil: break
            }
            guard let (_, found) = try ArtifactReader().readKnown(content, session) else {
                if try !isHarmless(member.name, content, in: format) { session.add(.unknownMember, member.name, at: member.offset, in: content) }
                return
            }
            if facts == nil || facts?.framework == nil { facts = found }
        }
        if facts == nil { session.add(.emptyArchive, "\(members.count) members", in: subject) }
        return facts ?? ArtifactFacts()
    }

    private static let modelEndings = [
        ".pkl", ".pickle", ".joblib", ".pt", ".pth", ".bin", ".ckpt", ".h5", ".hdf5", ".keras", ".onnx", ".pb", ".tflite", ".npy", ".npz", ".model", ".dat",
    ]

    /// Texts, and the weights of a SavedModel, are of no format that is read here; everything else could be loaded by somebody.
    private func isHarmless(_ name: String, _ content: ScanSubject, in format: ModelFormat) throws -> Bool {
        let last = name.split(separator: "/").last.map { $0.lowercased() } ?? ""
        if format == .savedModel, name.contains("variables/variables.") || ["fingerprint.pb", "keras_metadata.pb"].contains(last) { return true }
        if content.bytes.count == 0 { return true }
        guard !Self.modelEndings.contains(where: { last.hasSuffix($0) }) else { return false }
        let start = try content.bytes.bytes(at: 0, count: 4096)
        return !start.contains(0) && (String(validating: start, as: UTF8.self) != nil || String(validating: start.dropLast(3), as: UTF8.self) != nil)
    }

    /// Opens each member; one that cannot be read is a finding and does not hide the others.
    private func each(_ members: [ArchiveMember], _ subject: ScanSubject, _ session: ScanSession, _ body: (ArchiveMember, ScanSubject) throws -> Void) throws {
        for member in members {
            let here = subject.inside(member.name, subject.bytes)
            do {
                try body(member, subject.inside(member.name, try member.open(session)))
            } catch is ChecksumFault {
                session.add(.memberChecksum, member.name, at: member.offset, in: here)
            } catch let fault as ReadFault {
                session.add(fault, in: here)
                if case .limit = fault { throw fault }
            }
        }
    }

    private func document(_ subject: ScanSubject) throws -> JSONNode {
        guard subject.bytes.count <= Self.maximumDocument else { throw ReadFault.limit("a document of \(subject.bytes.count) bytes", at: 0) }
        let bytes = try subject.bytes.exactly(Int(subject.bytes.count), at: 0)
        return try JSONDocument.read(bytes)
    }
}
