/// Names that a pickle may import. Everything else of the standard library or a known library fails a file.
struct AllowList: Sendable {
    enum Verdict: Equatable {
        /// With the reason of the entry.
        case allowed(String)
        /// A module of the standard library or of a library we know, and a name that is not on the list.
        case refused
        /// A module we know nothing of: the uploader's own package.
        case unknown
    }

    static let standard = AllowList()

    private let reasons: [PickleGlobal: String]

    init() {
        var reasons: [PickleGlobal: String] = [:]
        let groups =
            AllowedCoreNames.groups + AllowedTorchNames.groups + [("an estimator of the library, or a data type that estimators hold", AllowedLibraryNames.lines)]
        for (reason, lines) in groups {
            for line in lines.split(separator: "\n") {
                let parts = line.split(separator: " ")
                for name in parts.dropFirst() { reasons[PickleGlobal(module: String(parts[0]), name: String(name))] = reason }
            }
        }
        self.reasons = reasons
    }

    /// Decides by the exact name. A dotted name walks through attributes and could reach anything: it is refused.
    func verdict(on global: PickleGlobal) -> Verdict {
        if let reason = reasons[global] { return .allowed(reason) }
        if global.name.contains(".") || global.module.isEmpty { return .refused }
        let package = global.module.split(separator: ".", maxSplits: 1).first.map(String.init) ?? global.module
        return KnownPackages.names.contains(package) ? .refused : .unknown
    }
}
