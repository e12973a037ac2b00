internal import Files

/// One piece of content to judge: the file itself, or a member of an archive.
struct ScanSubject {
    let bytes: any RandomAccess
    /// The path inside the archive; nil for the file itself.
    var member: String?
    /// Archives around it.
    var depth = 0

    func inside(_ name: String, _ bytes: any RandomAccess) -> ScanSubject {
        ScanSubject(bytes: bytes, member: member.map { "\($0)!\(name)" } ?? name, depth: depth + 1)
    }
}
