internal import Domain
internal import Files
internal import Formats
internal import Foundation

/// The judgement of one file named on the command line.
struct ScanResult {
    let path: String
    /// nil when the file could not be opened or is no model.
    let report: ScanReport?
    let problem: String?
    let milliseconds: Double

    init(_ path: String) {
        self.path = path
        let start = ContinuousClock.now
        do {
            if let kind = TextKind(name: URL(fileURLWithPath: path).lastPathComponent) {
                report = ScanReport(text: kind.rawValue, findings: ArtifactScanner().scan(text: kind, try FileBytes(path: path), member: nil))
                problem = nil
                milliseconds = start.duration(to: .now).milliseconds
                return
            }
            report = ScanReport(try ArtifactScanner().scan(try FileBytes(path: path)))
            problem = nil
        } catch let error as PlatformError {
            report = nil
            problem = error.message
        } catch {
            report = nil
            problem = "cannot be opened"
        }
        milliseconds = start.duration(to: .now).milliseconds
    }

    var exitStatus: Int32 {
        switch report?.verdict {
        case "passed": 0
        case "warning": 1
        case "failed": 2
        default: 3
        }
    }

    /// One line.
    var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            encoder.keyEncodingStrategy = .convertToSnakeCase
            return String(decoding: try encoder.encode(Line(path: path, report: report, error: problem, durationMs: milliseconds)), as: UTF8.self) + "\n"
        }
    }

    private struct Line: Encodable {
        let path: String
        let report: ScanReport?
        let error: String?
        let durationMs: Double
    }

    /// For a terminal.
    var table: String {
        guard let report else { return "ERROR    \(path): \(problem ?? "")\n" }
        var lines = ["\(report.verdict.uppercased().padding(toLength: 8, withPad: " ", startingAt: 0)) \(path)  \(summary(report))"]
        for finding in report.findings.sorted(by: { $0.severity > $1.severity }).prefix(50) {
            let place = [finding.member, finding.offset.map { "byte \($0)" }].compactMap(\.self).joined(separator: ", ")
            lines.append("  \(finding.severity.rawValue)  \(finding.rule)  \(finding.found)\(place.isEmpty ? "" : "  (\(place))")")
            lines.append("      \(finding.reason)")
            lines.append("      hint: \(finding.advice)")
        }
        if report.findings.count > 50 { lines.append("  … and \(report.findings.count - 50) more; --json shows them") }
        return lines.joined(separator: "\n") + "\n"
    }

    private func summary(_ report: ScanReport) -> String {
        let facts = report.facts
        let made = facts.framework.map { [$0, facts.frameworkVersion].compactMap(\.self).joined(separator: " ") }
        return [report.format, made, facts.className, "\(Int(milliseconds.rounded())) ms"].compactMap(\.self).joined(separator: ", ")
    }
}
