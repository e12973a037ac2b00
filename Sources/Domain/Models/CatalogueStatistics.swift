/// The catalogue in numbers, as far as somebody may see it.
package struct CatalogueStatistics: Sendable {
    package var models = 0
    package var byAlgorithm: [String: Int] = [:]
    package var byStatus: [String: Int] = [:]
    package var downloads = 0
    /// Bytes of all model files.
    package var bytes: Int64 = 0
    /// Models with a file.
    package var stored = 0
    package var addedToday = 0
    package var addedInSevenDays = 0
    package var downloadsToday = 0
    package var downloadsInTheLastDay = 0

    package init() {}

    /// Bytes of a model file.
    package var averageBytes: Int64 { stored == 0 ? 0 : bytes / Int64(stored) }
}
