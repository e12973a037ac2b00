/// Names that a pickle may import. Everything else of the standard library or a known library fails a file.
struct AllowList: Sendable {
    enum Verdict: Equatable {
        case allowed
        /// A module of the standard library or of a library we know, and a name that is not on the list.
        case refused
        /// A module we know nothing of: the uploader's own package.
        case unknown
    }

    static let standard = AllowList()

    private let names: Set<PickleGlobal>

    init() {
        var names: Set<PickleGlobal> = []
        for line in AllowedLibraryNames.lines.split(separator: "\n") + AllowedCoreNames.lines.split(separator: "\n") {
            let parts = line.split(separator: " ")
            for name in parts.dropFirst() {
                names.insert(PickleGlobal(module: String(parts[0]), name: String(name)))
            }
        }
        self.names = names
    }

    /// Decides by the exact name. A dotted name walks through attributes and could reach anything: it is refused.
    func verdict(on global: PickleGlobal) -> Verdict {
        if names.contains(global) { return .allowed }
        if global.name.contains(".") || global.module.isEmpty { return .refused }
        let package = global.module.split(separator: ".", maxSplits: 1).first.map(String.init) ?? global.module
        return KnownPackages.names.contains(package) ? .refused : .unknown
    }
}
