/// What the versions of a model are called: their ids, their numbers (`2.1.0`, `v2.1`), their aliases, and `latest`.
package struct VersionNames: Sendable {
    private let versions: [SemanticVersion: VersionID]
    private let ids: [String: VersionID]
    private let named: [String: VersionID]
    private let latest: VersionID?

    package init(_ versions: some Sequence<(id: VersionID, version: SemanticVersion)>, aliases: [ModelAlias]) {
        self.versions = Dictionary(versions.map { ($0.version, $0.id) }) { first, _ in first }
        ids = Dictionary(versions.map { ($0.id.rawValue, $0.id) }) { first, _ in first }
        named = Dictionary(aliases.map { ($0.name, $0.versionID) }) { first, _ in first }
        latest = versions.max { $0.version < $1.version }?.id
    }

    package func version(_ reference: String) -> VersionID? {
        if let id = ids[reference] ?? SemanticVersion(short: reference).flatMap({ versions[$0] }) { return id }
        if reference == ModelAlias.latest { return latest }
        return named[reference].flatMap { ids[$0.rawValue] }
    }

    package func aliases(of version: VersionID) -> Set<String> {
        Set(named.lazy.filter { $0.value == version }.map(\.key))
    }
}
