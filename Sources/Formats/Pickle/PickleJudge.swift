import Domain

/// Turns what a pickle would do into findings.
struct PickleJudge {
    let allowList: AllowList

    func findings(on machine: PickleMachine) -> [Finding] {
        var findings: [Finding] = []
        for event in machine.events {
            switch event {
            case .global(let index, let offset):
                if let finding = finding(on: machine.graph.globals[index], at: offset) { findings.append(finding) }
            case .computedCall(let offset):
                findings.append(
                    Finding(
                        .critical, "pickle.call.computed", at: Int(offset), found: "a call on something the pickle made itself",
                        reason: "Only classes and functions of the allow-list may be called; what this calls is decided at run time."
                    )
                )
            case .computedGlobal(let offset):
                findings.append(
                    Finding(
                        .critical, "pickle.global.computed", at: Int(offset), found: "an import whose name is computed",
                        reason: "A library writes names as constants; a computed one hides what is imported."
                    )
                )
            case .extensionCode(let code, let offset):
                findings.append(
                    Finding(
                        .critical, "pickle.extension", at: Int(offset), found: "extension code \(code)",
                        reason: "Only the loading process knows what an extension code imports."
                    )
                )
            case .persistentID(let offset):
                findings.append(
                    Finding(
                        .critical, "pickle.persistent_id", at: Int(offset), found: "a persistent id",
                        reason: "pickle.load and joblib.load cannot resolve it: the file would never load."
                    )
                )
            }
        }
        return findings
    }

    private func finding(on global: PickleGlobal, at offset: Int64) -> Finding? {
        switch allowList.verdict(on: global) {
        case .allowed:
            nil
        case .refused:
            Finding(
                .critical, "pickle.global.unlisted", at: Int(offset), found: global.qualifiedName,
                reason: "Loading the file would import this name, which is not among those a model needs; it can run code."
            )
        case .unknown:
            Finding(
                .warning, "pickle.global.unknown_package", at: Int(offset), found: global.qualifiedName,
                reason: "The package is not known here: its code comes from the uploader and runs in the sandbox only."
            )
        }
    }
}
