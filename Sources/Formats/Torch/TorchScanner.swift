import Domain
internal import Files

/// Reads PyTorch files: the zip archive of today, and the row of pickles before it.
/// https://github.com/pytorch/pytorch/blob/main/torch/serialization.py
struct TorchScanner {
    static let legacyMagic: [UInt8] = [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e]

    /// What an archive of PyTorch is, by its members; nil when it is none. PyTorch looks names up without regard to case.
    static func format(_ names: [String]) -> ModelFormat? {
        let folded = names.map { $0.lowercased() }
        if folded.contains(where: { $0.hasSuffix("archive_format") }), folded.contains(where: { $0.contains("models/") && $0.hasSuffix(".json") }) {
            return .torchExport
        }
        guard folded.contains(where: { $0 == "data.pkl" || $0.hasSuffix("/data.pkl") }) else { return nil }
        let root = root(folded)
        return folded.contains { $0.hasPrefix("\(root)code/") } ? .torchScript : .torchZip
    }

    /// The folder of the first member: PyTorch takes it for that of all.
    private static func root(_ names: [String]) -> String {
        guard let first = names.first, let slash = first.firstIndex(of: "/") else { return "" }
        return String(first[...slash])
    }

    // MARK: - Archives

    /// Reads the pickles and the code of an archive; its tensors are raw bytes beside them.
    func read(_ members: [ArchiveMember], format: ModelFormat, _ subject: ScanSubject, _ session: ScanSession) throws -> ArtifactFacts {
        var facts = ArtifactFacts()
        let root = Self.root(members.map(\.name))
        for member in members {
            let name = member.name.lowercased()
            if format != .torchExport, !member.name.hasPrefix(root) { session.add(.memberHidden, member.name, at: member.offset, in: subject) }
            let content = subject.inside(member.name, try member.open(session))
            if name.hasSuffix(".pkl") {
                let found = readPickle(content, members, session, hasOwnCode: format == .torchScript)
                if name == "\(root.lowercased())data.pkl" { facts = found }
            } else if name.hasSuffix(".py"), name.contains("code/") {
                try TorchScriptScanner().read(content, session)
            } else if !Self.isRaw(name) {
                _ = try ArtifactReader().readKnown(content, session)
            }
        }
        facts.framework = "torch"
        return facts
    }

    /// Elements of tensors, whose bytes may look like anything: `data/0`, `constants/3`, `traced_inputs/1`, `weights/weight_0`.
    private static func isRaw(_ name: String) -> Bool {
        let parts = name.split(separator: "/")
        return parts.count >= 2 && ["data", "constants", "traced_inputs", "weights", "tensors"].contains(parts[parts.count - 2]) && !parts[parts.count - 1].contains(".")
    }

    private func readPickle(_ subject: ScanSubject, _ members: [ArchiveMember], _ session: ScanSession, hasOwnCode: Bool) -> ArtifactFacts {
        let machine = PickleMachine(ByteReader(SequentialSource(subject.bytes), limit: session.limits.maximumExpandedBytes), limits: session.limits, loader: .torch)
        do {
            try machine.run()
            if try !machine.reader.isAtEnd { session.add(.trailingBytes, "bytes after the end of the pickle", at: machine.reader.offset, in: subject) }
        } catch {
            session.add(error, in: subject)
        }
        PickleJudge(allowList: .standard, session: session, subject: subject, hasOwnCode: hasOwnCode).judge(machine)
        let path = subject.member.flatMap { $0.split(separator: "!").last } ?? ""
        // A traced module notes the shapes of its example inputs and leaves their elements out.
        if !path.hasSuffix("traced_inputs.pkl") { judgeStorages(machine.graph.storages, members, folder: String(path.dropLast(".pkl".count)), subject, session) }
        var facts = PickleScanner(loader: .torch).facts(of: machine)
        facts.parameterCount = Dictionary(machine.graph.storages.map { ($0.key, $0.elements) }, uniquingKeysWith: max).values.reduce(0, &+)
        return facts
    }

    /// Every storage is a member beside the pickle, of at least the size that the pickle says.
    private func judgeStorages(_ storages: [TorchStorage], _ members: [ArchiveMember], folder: String, _ subject: ScanSubject, _ session: ScanSession) {
        let sizes = Dictionary(members.map { ($0.name, $0.size) }, uniquingKeysWith: { first, _ in first })
        var seen: Set<String> = []
        for storage in storages where seen.insert("\(storage.key) \(storage.type)").inserted {
            guard let size = sizes["\(folder)/\(storage.key)"] else {
                session.add(.torchStorage, "storage '\(storage.key)' is not in the archive", in: subject)
                continue
            }
            guard let width = storage.elementSize else { continue }
            let (needed, overflow) = storage.elements.multipliedReportingOverflow(by: width)
            if overflow || Int64(needed) > size { session.add(.torchStorage, "storage '\(storage.key)' of \(storage.elements) elements in \(size) bytes", in: subject) }
        }
    }

    // MARK: - Legacy

    /// Five pickles (magic, protocol, system, object, keys), then for each key a count of 8 bytes and the raw elements.
    func readLegacy(_ subject: ScanSubject, _ session: ScanSession) throws -> ArtifactFacts {
        let reader = ByteReader(SequentialSource(subject.bytes), limit: session.limits.maximumExpandedBytes)
        var facts = ArtifactFacts()
        var storages: [String: TorchStorage] = [:]
        var keys: [String] = []
        for index in 0..<5 {
            let machine = PickleMachine(reader, limits: session.limits, loader: .torch)
            do {
                try machine.run()
            } catch {
                PickleJudge(allowList: .standard, session: session, subject: subject).judge(machine)
                throw error
            }
            PickleJudge(allowList: .standard, session: session, subject: subject).judge(machine)
            if index == 3 {
                facts = PickleScanner(loader: .torch).facts(of: machine)
                storages = Dictionary(machine.graph.storages.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
            }
            if index == 4 { keys = (machine.graph.items(machine.graph.root) ?? []).compactMap { machine.graph.string($0) } }
        }
        for key in keys {
            guard let storage = storages[key], let width = storage.elementSize else {
                session.add(.torchStorage, "storage '\(key)' is of no known kind", at: reader.offset, in: subject)
                return facts
            }
            let count = try reader.littleEndian(bytes: 8)
            guard count == UInt64(storage.elements) else {
                session.add(.torchStorage, "storage '\(key)' of \(storage.elements) elements has \(count)", at: reader.offset, in: subject)
                return facts
            }
            let (size, overflow) = Int64(clamping: count).multipliedReportingOverflow(by: Int64(width))
            guard !overflow else { throw ReadFault.malformed("a storage larger than memory", at: reader.offset) }
            try reader.skip(size)
        }
        if try !reader.isAtEnd { session.add(.trailingBytes, "bytes after the last storage", at: reader.offset, in: subject) }
        facts.framework = "torch"
        facts.parameterCount = storages.values.reduce(0) { $0 &+ $1.elements }
        return facts
    }
}
