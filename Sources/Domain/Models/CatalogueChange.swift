/// A checked change of one model, on its way into the catalogue; several are written in one transaction.
package enum CatalogueChange: Sendable {
    /// - Parameter readAt: When the model that was read had been updated last.
    case update(Model, readAt: Timestamp)
    case delete(ModelID, at: Timestamp)
    case promote(Promotion)
}
