/// A version that serves: everything the predict path needs, in memory.
package struct Deployment: Sendable {
    package let modelID: ModelID
    package let versionID: VersionID
    package let version: SemanticVersion
    package let signature: Signature
    package let rules: ModelRules
    package let api: ModelAPI?
    package let history: HistoryPolicy
    /// What answers, named in every answer.
    package let runtime: Runtime
    package let runner: any ModelRunner

    package init(
        modelID: ModelID, versionID: VersionID, version: SemanticVersion, signature: Signature, rules: ModelRules,
        api: ModelAPI?, history: HistoryPolicy = HistoryPolicy(), runtime: Runtime, runner: any ModelRunner
    ) {
        self.modelID = modelID
        self.versionID = versionID
        self.version = version
        self.signature = signature
        self.rules = rules
        self.api = api
        self.history = history
        self.runtime = runtime
        self.runner = runner
    }
}
