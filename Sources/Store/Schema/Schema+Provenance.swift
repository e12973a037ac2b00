import Database

extension Schema {
    /// When the manifests of versions were signed.
    static let provenance = Migration("0016-provenance", ["ALTER TABLE ml_model_versions ADD COLUMN signed_at BIGINT"])
}
