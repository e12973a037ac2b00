import Domain
internal import Files

/// Turns what a pickle would do into findings and the list of its imports.
struct PickleJudge {
    let allowList: AllowList
    let session: ScanSession
    let subject: ScanSubject
    /// Whether names below `__torch__` are classes of the archive's own code, as in TorchScript.
    var hasOwnCode = false

    func judge(_ machine: PickleMachine) {
        for event in machine.events {
            switch event {
            case .global(let index, let offset): judge(machine.graph.globals[index], at: offset)
            case .computedCall(let offset): session.add(.computedCall, "a call on something the pickle made itself", at: offset, in: subject)
            case .computedGlobal(let offset): session.add(.computedGlobal, "an import whose name is computed", at: offset, in: subject)
            case .extensionCode(let code, let offset): session.add(.extensionCode, "extension code \(code)", at: offset, in: subject)
            case .persistentID(let offset): session.add(.persistentID, "a persistent id", at: offset, in: subject)
            case .changedTwice(let offset): session.add(.plantedState, "an object that is changed after its state was set", at: offset, in: subject)
            case .longPickle(let offset): session.add(.nestedBytes, "a long byte string that begins as a pickle", at: offset, in: subject)
            case .stateOfCallable(let index, let offset):
                session.add(.stateOfCallable, machine.graph.globals[index].qualifiedName, at: offset, in: subject)
            }
        }
        judgeObjects(machine.graph)
        judgeBytes(machine)
    }

    private func judge(_ global: PickleGlobal, at offset: Int64) {
        let isOwnCode = hasOwnCode && global.module.hasPrefix("__torch__")
        let verdict: AllowList.Verdict = isOwnCode ? .allowed("a class of the archive's own TorchScript") : allowList.verdict(on: global)
        let (record, reason): (ImportRecord.Verdict, String?) =
            switch verdict {
            case .allowed(let reason): (.allowed, reason)
            case .refused: (.refused, nil)
            case .unknown: (.unknown, nil)
            }
        session.add(ImportRecord(name: global.qualifiedName, verdict: record, allowedAs: reason, member: subject.member, offset: Int(clamping: offset)))
        switch verdict {
        case .allowed: break
        case .refused: session.add(.unlistedGlobal, global.qualifiedName, at: offset, in: subject)
        case .unknown: session.add(.unknownPackage, global.qualifiedName, at: offset, in: subject)
        }
    }

    // MARK: - Arguments and state

    private func judgeObjects(_ graph: PickleGraph) {
        let rules = PickleObjectRules(graph: graph)
        for index in 0..<graph.nodeCount {
            guard case .object(let callee, let arguments) = graph.kind(index) else {
                if graph.state(index) != nil { session.add(.argument, "state on a container", in: subject) }
                continue
            }
            let name = graph.global(callee)
            if let name, let fault = rules.fault(calling: name, arguments) { session.add(.argument, "\(name.qualifiedName) with \(fault)", in: subject) }
            if let state = graph.state(index), let fault = rules.fault(state: state, of: rules.made(by: name, arguments)) {
                session.add(.plantedState, fault, in: subject)
            }
        }
    }

    // MARK: - Bytes

    /// A byte string that is itself a pickle: nobody reads it while the file is loaded, but something may later.
    private func judgeBytes(_ machine: PickleMachine) {
        for bytes in machine.embedded {
            let inner = PickleMachine(ByteReader(MemorySource(bytes), limit: .max), limits: machine.limits, loader: .pickle)
            guard (try? inner.run()) != nil else { continue }
            for global in inner.graph.globals {
                if case .allowed = allowList.verdict(on: global) { continue }
                session.add(.nestedBytes, global.qualifiedName, in: subject)
            }
        }
    }
}
