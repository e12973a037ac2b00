package import Domain
package import Files

/// Reads a model file as untrusted bytes: what it is, what it tells about itself, and what is wrong with it.
///
/// Never runs anything of the file, and never calls a file clean that it could not read to the end.
/// Blocks and computes: call it on a thread pool.
package struct ArtifactScanner: Sendable {
    private let spool: Spool

    /// - Parameters:
    ///   - folder: Where content that must be read out of order is kept for a while, in files without names.
    ///   - isSealed: Whether those files are encrypted.
    package init(folder: String = "/tmp", isSealed: Bool = false) {
        spool = Spool(folder: folder, isSealed: isSealed)
    }

    /// Tells the format from the content, without judging it.
    /// - Throws: `unsupportedFormat` with the supported formats when it is none that can be read.
    package func detect(_ file: any RandomAccess) throws -> ModelFormat {
        guard let detected = try? FormatDetector.detect(file) else { throw unsupported("a compressed file that is damaged") }
        switch detected {
        case .content(let content):
            if case .format(let format) = content.kind { return format }
            return try scan(file).format
        case .unsupported(let name): throw unsupported(name)
        case .unknown: throw unsupported("content of no known model format")
        }
    }

    /// Reads the whole file.
    /// - Parameter file: Its size decides how far content may expand.
    /// - Throws: `unsupportedFormat`. A file that cannot be read to its end is not an error but a critical finding.
    package func scan(_ file: any RandomAccess) throws -> ScannedArtifact {
        try scan(file, limits: ScanLimits(fileSize: file.count))
    }

    /// Judges content in memory.
    /// - Throws: `unsupportedFormat`.
    package func scan(_ bytes: [UInt8]) throws -> ScannedArtifact {
        try scan(MemoryBytes(bytes), limits: ScanLimits(fileSize: Int64(bytes.count)))
    }

    /// Judges a text that comes with a model: Python source, YAML, requirements.
    package func scan(text kind: TextKind, _ file: any RandomAccess, member: String?) -> [Finding] {
        findings(in: ScanSubject(bytes: file, member: member), as: kind)
    }

    /// The same for a text in memory.
    package func scan(text kind: TextKind, _ bytes: [UInt8]) -> [Finding] {
        findings(in: ScanSubject(bytes: MemoryBytes(bytes)), as: kind)
    }

    private func findings(in subject: ScanSubject, as kind: TextKind) -> [Finding] {
        let session = ScanSession(limits: ScanLimits(fileSize: 0))
        do {
            switch kind {
            case .python: try PythonScanner().read(subject, session)
            case .yaml: try TextScanner().readYAML(subject, session)
            case .requirements: try TextScanner().readRequirements(subject, session)
            }
        } catch {
            session.add(error, in: subject)
        }
        return session.findings
    }

    /// - Parameter memoryLimit: Bytes of each unpacked content that stay in memory; nil: as many as usual.
    func makeSession(_ limits: ScanLimits, memoryLimit: Int? = nil) -> ScanSession {
        var spool = spool
        spool.memoryLimit = memoryLimit ?? spool.memoryLimit
        return ScanSession(limits: limits, spool: spool)
    }

    func scan(_ bytes: any RandomAccess, limits: ScanLimits) throws -> ScannedArtifact {
        let session = makeSession(limits)
        let subject = ScanSubject(bytes: bytes)
        do {
            guard let (format, facts) = try ArtifactReader().readKnown(subject, session) else { throw unsupported("content of no known model format") }
            return ScannedArtifact(format: format, facts: facts, findings: session.findings, imports: session.imports)
        } catch let error as PlatformError {
            throw error
        } catch {
            guard let detected = try? FormatDetector.detect(bytes), case .content = detected else { throw unsupported("a compressed file that is damaged") }
            session.add(error, in: subject)
            return ScannedArtifact(format: .archive, facts: ArtifactFacts(), findings: session.findings, imports: session.imports)
        }
    }

    private func unsupported(_ found: String) -> PlatformError {
        PlatformError(
            .unsupportedFormat,
            "Expected a model file in a supported format, found \(found).",
            details: .object(["supported_formats": .strings(ModelFormat.supportedExtensions), "found": .string(found)])
        )
    }
}
