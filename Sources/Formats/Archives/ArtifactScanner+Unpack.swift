internal import Domain
package import Files

extension ArtifactScanner {
    /// The files of an archive by their names: zip, tar, compressed tar, 7z.
    ///
    /// What readers of archives could understand in two ways is refused: links, paths that lead out, two files of one name.
    /// - Parameters:
    ///   - maximumBytes: Of all files together.
    ///   - maximumFiles: How many there may be.
    /// - Throws: `invalidInput` with what is wrong; `payloadTooLarge`.
    package func unpack(_ file: any RandomAccess, maximumBytes: Int64, maximumFiles: Int) throws -> [String: any RandomAccess] {
        var limits = ScanLimits(fileSize: file.count)
        limits.maximumExpandedBytes = maximumBytes
        limits.maximumMembers = maximumFiles
        // All files are held at once: none of them in memory.
        let session = makeSession(limits, memoryLimit: 16 << 10)
        do {
            let members = try members(of: file, session)
            ArchiveScanner().judgeNames(members, ScanSubject(bytes: file), session)
            if let finding = session.findings.first { throw Self.refused("\(finding.found): \(finding.reason)") }
            guard members.reduce(0, { $0.addingReportingOverflow($1.size).partialValue }) <= maximumBytes, members.allSatisfy({ $0.size >= 0 }) else {
                throw ReadFault.limit("more than \(maximumBytes) bytes of content", at: 0)
            }
            var files: [String: any RandomAccess] = [:]
            for member in members where !member.name.hasSuffix("/") { files[member.name] = try member.open(session) }
            return files
        } catch let error as PlatformError {
            throw error
        } catch ReadFault.limit(let what, _) {
            throw PlatformError(.payloadTooLarge, "The archive holds \(what).", details: .object(["limit_bytes": .int(maximumBytes)]))
        } catch {
            throw Self.refused("it cannot be read to its end")
        }
    }

    private func members(of file: any RandomAccess, _ session: ScanSession) throws -> [ArchiveMember] {
        let subject = ScanSubject(bytes: file)
        guard case .content(let content) = try FormatDetector.detect(file) else { throw Self.refused("it is no zip, tar or 7z archive") }
        switch content.kind {
        case .zip: return try ZipArchive(file).members(subject, session)
        case .sevenZip: return try SevenZipArchive(file).members(subject, session)
        case .tar:
            guard let compression = content.compression else { return try TarArchive(file).members(subject, session) }
            let expanded = try session.spool(try DecompressingSource(SequentialSource(file), compression))
            return try TarArchive(expanded).members(ScanSubject(bytes: expanded), session)
        case .format: throw Self.refused("it is no zip, tar or 7z archive")
        }
    }

    private static func refused(_ why: String) -> PlatformError {
        PlatformError(.invalidInput, "The archive cannot be unpacked: \(why).", details: .object(["part": "archive"]))
    }
}
