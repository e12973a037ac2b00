internal import Database
internal import Domain
internal import Synchronization

/// Facets that were counted already; good as long as this process has written nothing since, and for ten seconds for what others write.
final class FacetCache: Sendable {
    /// What is counted: a condition and its bound values.
    struct Key: Hashable {
        let condition: String
        let values: [SQLValue]
    }

    private struct Entry {
        let facets: Facets
        let endedWrites: Int
        let at: ContinuousClock.Instant
    }

    private static let maximumEntries = 500
    private static let lifetime = Duration.seconds(10)
    private let entries = Mutex<[Key: Entry]>([:])

    /// - Parameter endedWrites: Now, of the database.
    func facets(_ key: Key, endedWrites: Int) -> Facets? {
        guard let entry = entries.withLock({ $0[key] }), entry.endedWrites == endedWrites, .now - entry.at < Self.lifetime else { return nil }
        return entry.facets
    }

    /// - Parameter endedWrites: Before the facets were counted.
    func keep(_ facets: Facets, for key: Key, endedWrites: Int) {
        entries.withLock { entries in
            if entries.count >= Self.maximumEntries { entries.removeAll() }
            entries[key] = Entry(facets: facets, endedWrites: endedWrites, at: .now)
        }
    }
}
