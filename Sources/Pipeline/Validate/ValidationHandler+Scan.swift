internal import Domain
internal import Files
internal import Formats
internal import Foundation
internal import NIOPosix
internal import Store
internal import Workers

extension ValidationHandler {
    /// Format and security: the file is read as bytes, nothing of it runs.
    func scan(_ run: inout ValidationRun) async throws -> ScannedArtifact? {
        let start = ContinuousClock.now
        let version = run.version
        var artifact: ScannedArtifact
        do {
            artifact = try await NIOThreadPool.singleton.runIfActive { [scanner, files] in
                let artifact = try scanner.scan(try files.modelFile(version).read())
                let texts = (version.customAPIHash == nil ? [] : ["custom_api.py"]) + VersionFiles.configFiles.filter { files.existing($0, of: version) != nil }
                return artifact.adding(
                    try texts.flatMap { name in
                        try TextKind(name: name).map { scanner.scan(text: $0, try files.file(name, of: version).open(), member: name) } ?? []
                    })
            }
        } catch let error as PlatformError where error.code == .unsupportedFormat || error.code == .storageFailure {
            run.add(.format, .failed, error.message, since: start)
            return nil
        }
        if let found = try await antivirus?.judge(files.model(of: version)) { artifact = artifact.adding([found]) }
        let report = ScanReport(artifact)
        addFormat(&run, artifact, start)
        addSecurity(&run, artifact, start)
        try await NIOThreadPool.singleton.runIfActive { [files] in try files.write(report, to: ScanReport.fileName, of: version) }
        if !run.hasFailed, !artifact.format.isServed {
            run.add(
                .functionality, .failed,
                "The file was read and judged, and can be downloaded; there is no runtime for the format '\(artifact.format.rawValue)' here yet.", since: start
            )
        }
        return artifact
    }

    private func addFormat(_ run: inout ValidationRun, _ artifact: ScannedArtifact, _ start: ContinuousClock.Instant) {
        let unreadable = artifact.findings.filter { ["file.unreadable", "file.limit", "file.trailing_bytes", "booster.truncated"].contains($0.rule) }
        let kind = [artifact.facts.compression, artifact.format.rawValue].compactMap(\.self).joined(separator: " ")
        let what = artifact.facts.className.map { " of a \($0)" } ?? ""
        let made = artifact.facts.framework.map { ", written by \($0) \(artifact.facts.frameworkVersion ?? "of unknown version")" } ?? ""
        var facts = Self.json(artifact.facts)
        facts["sha256"] = .string(run.version.fileHash)
        facts["size_bytes"] = .int(run.version.fileSize)
        if let first = unreadable.first {
            run.add(.format, .failed, "The \(kind) file cannot be read: \(first.found).", facts: facts, since: start)
        } else if let found = artifact.facts.framework, !run.model.type.writers.isEmpty, !run.model.type.writers.contains(found) {
            run.add(
                .format, .warning, "The declared model_type is '\(run.model.type.rawValue)'; the file's outermost object is of \(found)\(what).", facts: facts,
                since: start
            )
        } else {
            run.add(.format, .passed, "The file is a valid \(kind)\(what)\(made).", facts: facts, since: start)
        }
    }

    private func addSecurity(_ run: inout ValidationRun, _ artifact: ScannedArtifact, _ start: ContinuousClock.Instant) {
        let findings = artifact.findings.map { finding in
            JSONValue.object([
                "severity": .string(finding.severity.rawValue), "rule": .string(finding.rule), "member": finding.member.map { .string($0) } ?? .null,
                "offset": finding.offset.map { .int($0) } ?? .null, "found": .string(finding.found), "reason": .string(finding.reason),
                "advice": .string(finding.advice),
            ])
        }
        let facts: [String: JSONValue] = [
            "vulnerabilities": .array(findings), "sandbox_level": .string(pool.sandbox.level.rawValue),
            "custom_code": .bool(files.existing("custom_api.py", of: run.version) != nil),
        ]
        if artifact.format.isExecutable, !pool.sandbox.level.mayRunCode {
            run.add(.security, .failed, "This machine has no sandbox, so files that can run code are refused. hint: martlet doctor", facts: facts, since: start)
            return
        }
        let worst = artifact.findings.max { $0.severity < $1.severity }
        switch artifact.verdict {
        case .failed: run.add(.security, .failed, "Security violation: \(worst?.found ?? ""). \(worst?.reason ?? "")", facts: facts, since: start)
        case .warning: run.add(.security, .warning, "\(findings.count) finding(s): \(worst?.found ?? ""). \(worst?.reason ?? "")", facts: facts, since: start)
        default: run.add(.security, .passed, "No security issues detected; every name the file imports is on the allow-list.", facts: facts, since: start)
        }
    }

    private static func json(_ value: some Encodable) -> [String: JSONValue] {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        guard let data = try? encoder.encode(value), case .object(let members)? = try? JSONDecoder().decode(JSONValue.self, from: data) else { return [:] }
        return members
    }
}
