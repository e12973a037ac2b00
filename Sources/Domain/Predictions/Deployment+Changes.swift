extension Deployment {
    package func with(history: HistoryPolicy) -> Deployment {
        Deployment(
            modelID: modelID, versionID: versionID, version: version, signature: signature, rules: rules, api: api, history: history, runtime: runtime, runner: runner)
    }

    package func with(rules: ModelRules) -> Deployment {
        Deployment(
            modelID: modelID, versionID: versionID, version: version, signature: signature, rules: rules, api: api, history: history, runtime: runtime, runner: runner)
    }

    /// - Parameter aliases: What the version is called.
    package func with(aliases: Set<String>) -> Deployment {
        var rules = rules
        rules.aliases = aliases
        return with(rules: rules)
    }

    package func with(api: ModelAPI) -> Deployment {
        Deployment(
            modelID: modelID, versionID: versionID, version: version, signature: signature, rules: rules, api: api, history: history, runtime: runtime, runner: runner)
    }
}
