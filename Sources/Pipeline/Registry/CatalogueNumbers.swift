package import Domain

/// The whole catalogue in numbers.
package struct CatalogueNumbers: Sendable {
    package let statistics: CatalogueStatistics
    /// By algorithm, deleted models too.
    package let registrations: [String: Int]
    package let downloads: [(id: ModelID, algorithm: String, downloads: Int)]
}
