import Domain
internal import Files
internal import SystemPackage

/// What one scan has found and spent so far; its readers share it.
final class ScanSession {
    /// Findings beyond this number say nothing new about a file.
    private static let maximumFindings = 1000
    private static let maximumImports = 20_000

    let limits: ScanLimits
    private let spool: Spool
    private(set) var findings: [Finding] = []
    private(set) var imports: [ImportRecord] = []
    private(set) var producedBytes: Int64 = 0
    private var memberCount = 0

    init(limits: ScanLimits, spool: Spool = Spool(folder: "/tmp")) {
        self.limits = limits
        self.spool = spool
    }

    func add(_ rule: ScanRule, _ found: String, at offset: Int64? = nil, in subject: ScanSubject) {
        guard findings.count < Self.maximumFindings else { return }
        // What comes after the last one is not told: a flood of small findings must not hide a large one.
        let rule = findings.count == Self.maximumFindings - 1 ? ScanRule.limit : rule
        let found = findings.count == Self.maximumFindings - 1 ? "more than \(Self.maximumFindings) findings" : found
        findings.append(rule.finding(found, at: offset.map { Int(clamping: $0) }, in: subject.member))
    }

    func add(_ record: ImportRecord) {
        if imports.count < Self.maximumImports { imports.append(record) }
    }

    /// What a reader threw, as a finding.
    func add(_ error: any Error, in subject: ScanSubject) {
        switch error {
        case ReadFault.truncated(let at): add(.unreadable, "the content ends in the middle", at: at, in: subject)
        case ReadFault.malformed(let what, let at): add(.unreadable, what, at: at, in: subject)
        case ReadFault.limit(let what, let at): add(.limit, what, at: at, in: subject)
        case let fault as CodecFault: add(.unreadable, "\(fault.library) refuses the compressed data (code \(fault.code))", in: subject)
        default: add(.unreadable, "the content could not be read", in: subject)
        }
    }

    /// Counts content that decompression produced.
    /// - Throws: `limit`.
    func produced(_ count: Int) throws {
        producedBytes += Int64(count)
        guard producedBytes <= limits.maximumExpandedBytes else {
            throw ReadFault.limit("more than \(limits.maximumExpandedBytes) bytes of content", at: producedBytes)
        }
    }

    /// Counts members of archives.
    /// - Throws: `limit`.
    func entered() throws {
        memberCount += 1
        guard memberCount <= limits.maximumMembers else { throw ReadFault.limit("more than \(limits.maximumMembers) members", at: 0) }
    }

    /// Content of a stream that must be read out of order.
    /// - Throws: ``ReadFault``, ``CodecFault``; `unavailable` when there is no room for it, which says nothing about the file.
    func spool(_ source: any ByteSource) throws -> any RandomAccess {
        do {
            return try spool.keep(source) { try produced($0) }
        } catch let error as Errno {
            throw PlatformError(.unavailable, "There is no room to read the file. hint: try again.", retryAfterSeconds: 30, cause: error)
        }
    }
}
