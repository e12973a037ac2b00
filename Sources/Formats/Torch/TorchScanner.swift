import Domain

/// Reads PyTorch files: the zip archive of today, and the row of pickles before it.
/// https://github.com/pytorch/pytorch/blob/main/torch/serialization.py
struct TorchScanner {
    static let legacyMagic: [UInt8] = [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e]

    /// What an archive of PyTorch is, by its members; nil when it is none.
    static func format(_ names: [String]) -> ModelFormat? {
        if names.contains(where: { $0.hasSuffix("archive_format") }), names.contains(where: { $0.contains("models/") && $0.hasSuffix(".json") }) {
            return .torchExport
        }
        guard let data = names.first(where: { $0 == "data.pkl" || $0.hasSuffix("/data.pkl") }) else { return nil }
        let root = data.dropLast("data.pkl".count)
        return names.contains { $0.hasPrefix("\(root)code/") } ? .torchScript : .torchZip
    }

    // MARK: - Archives

    /// Reads the pickles and the code of an archive; its tensors are raw bytes beside them.
    func read(_ members: [ArchiveMember], format: ModelFormat, _ subject: ScanSubject, _ session: ScanSession) throws -> ArtifactFacts {
        var facts = ArtifactFacts()
        for member in members {
            let content = subject.inside(member.name, try member.open(session))
            if member.name.hasSuffix(".pkl") {
                let found = readPickle(content, members, session, hasOwnCode: format == .torchScript)
                if member.name.hasSuffix("data.pkl") { facts = found }
            } else if member.name.hasSuffix(".py"), member.name.contains("code/") {
                try TorchScriptScanner().read(content, session)
            } else if member.name.hasSuffix(".pt") || member.name.hasSuffix(".pth") {
                try ArchiveScanner().readMember(content, session)
            }
        }
        facts.framework = "torch"
        return facts
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
            try reader.skip(Int64(clamping: count) * Int64(width))
        }
        if try !reader.isAtEnd { session.add(.trailingBytes, "bytes after the last storage", at: reader.offset, in: subject) }
        facts.framework = "torch"
        facts.parameterCount = storages.values.reduce(0) { $0 &+ $1.elements }
        return facts
    }
}
