internal import Files
internal import Foundation

/// A file in an archive and the way to its content.
struct ArchiveMember {
    let name: String
    /// Bytes of the content, as the archive says.
    let size: Int64
    /// Where the member is described, for findings.
    let offset: Int64
    /// The content; decompressed when it is asked for.
    let open: (ScanSession) throws -> any RandomAccess
}

/// What unpacking a path would do.
enum ArchivePath {
    /// Whether unpacking could write outside of the folder, on any system.
    static func isUnsafe(_ name: String) -> Bool {
        let parts = name.split(omittingEmptySubsequences: false) { $0 == "/" || $0 == "\\" }
        let hasDrive = name.dropFirst().first == ":"
        return name.isEmpty || parts.first?.isEmpty == true || parts.contains("..") || hasDrive || name.utf8.contains(0) || name.utf8.count > 4096
    }

    /// Names that some file systems take for the same (case, Unicode form) become equal.
    static func folded(_ name: String) -> String {
        name.split { $0 == "/" || $0 == "\\" }.filter { $0 != "." }.joined(separator: "/").lowercased().decomposedStringWithCanonicalMapping
    }
}
