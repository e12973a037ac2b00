import Domain

extension ScanRule {
    static let memberPath = ScanRule(
        "archive.path", .critical, "The member's path is absolute or leaves the folder: unpacking would write elsewhere.",
        "Pack the archive from inside the model's folder."
    )
    static let memberLink = ScanRule(
        "archive.link", .critical, "The member is a link or a device: unpacking would follow it out of the folder.", "Pack plain files and folders only."
    )
    static let memberDuplicate = ScanRule(
        "archive.duplicate", .critical, "Two members have the same name, or names that some systems take for the same: which one is loaded is not certain.",
        "Give every member a name of its own."
    )
    static let memberDisagreement = ScanRule(
        "archive.headers", .critical, "The archive describes the member in two places that disagree: readers see different files.", "Pack the archive again."
    )
    static let memberChecksum = ScanRule("archive.checksum", .critical, "The member's bytes are not those that were packed.", "Pack the archive again.")
    static let memberEncrypted = ScanRule("archive.encrypted", .critical, "What is encrypted cannot be judged.", "Pack the archive without a password.")
    static let memberHidden = ScanRule(
        "archive.hidden", .high, "Bytes of the archive belong to no member: some readers see a member there, others do not.", "Pack the archive again."
    )
    static let nestedArchive = ScanRule(
        "archive.depth", .critical, "Archives inside archives are opened to a depth of 4 only.", "Pack the model once."
    )
    static let archiveBomb = ScanRule(
        "archive.ratio", .critical, "The content expands beyond all measure.", "Pack the model with an ordinary program."
    )
    static let unsupportedArchive = ScanRule(
        "archive.unsupported", .critical, "Archives of this kind are not opened here, so nothing in them is judged.", "Pack the model as zip or tar.gz."
    )
    static let unknownMember = ScanRule(
        "archive.unknown_member", .high, "The member is of no format that is read here, and of a kind that a loader may take.",
        "Leave out what the model does not need, or give texts the endings of texts."
    )
    static let emptyArchive = ScanRule("archive.no_model", .high, "No member of the archive is a model.", "Put the model file into the archive.")

    static let archives = [
        memberPath, memberLink, memberDuplicate, memberDisagreement, memberChecksum, memberEncrypted, memberHidden, nestedArchive, archiveBomb,
        unsupportedArchive, unknownMember, emptyArchive,
    ]
}
