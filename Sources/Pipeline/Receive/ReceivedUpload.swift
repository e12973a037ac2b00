package import Store

/// A form that was received in full: its fields, and its files in a staging folder.
package struct ReceivedUpload: Sendable {
    package struct File: Sendable {
        /// Name inside the staging folder.
        package let stagedName: String
        /// The client's own name.
        package let originalName: String
        /// Bytes.
        package let size: Int64
        /// SHA-256, hexadecimal.
        package let sha256: String
    }

    /// Beginning with what it will be called, which a sealed file is bound to.
    static func stagedName(of part: String) -> String { part == "file" ? "model.part" : "\(part).part" }

    package let staged: StagedUpload
    package var fields: [String: String] = [:]
    package var files: [String: File] = [:]
}
