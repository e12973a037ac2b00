internal import Domain
internal import Formats
internal import Foundation

/// Findings as SARIF 2.1.0: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
enum SarifLog {
    static func text(of results: [ScanResult]) throws -> String {
        let run = JSONValue.object([
            "tool": .object([
                "driver": .object(["name": "martlet", "rules": .array(ScanRule.all.sorted { $0.id < $1.id }.map(rule))])
            ]),
            "results": .array(results.flatMap(findings)),
            "invocations": [
                .object([
                    "executionSuccessful": .bool(!results.contains { $0.report == nil }),
                    "toolExecutionNotifications": .array(
                        results.compactMap { result in
                            result.problem.map { .object(["level": "error", "message": .object(["text": .string("\(result.path): \($0)")])]) }
                        }),
                ])
            ],
        ])
        let log = JSONValue.object(["$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]])
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(log), as: UTF8.self) + "\n"
    }

    private static func rule(_ rule: ScanRule) -> JSONValue {
        .object([
            "id": .string(rule.id), "shortDescription": .object(["text": .string(rule.reason)]), "help": .object(["text": .string(rule.advice)]),
            "defaultConfiguration": .object(["level": .string(level(rule.severity))]),
        ])
    }

    private static func findings(_ result: ScanResult) -> [JSONValue] {
        (result.report?.findings ?? []).map { finding in
            var location: [String: JSONValue] = ["artifactLocation": .object(["uri": .string(uri(result.path))])]
            if let offset = finding.offset, finding.member == nil { location["region"] = .object(["byteOffset": .int(offset), "byteLength": 0]) }
            let place = finding.member.map { " in \($0)" } ?? ""
            return .object([
                "ruleId": .string(finding.rule), "level": .string(level(finding.severity)),
                "message": .object(["text": .string("\(finding.found)\(place): \(finding.reason)")]),
                "locations": [.object(["physicalLocation": .object(location)])],
            ])
        }
    }

    private static func uri(_ path: String) -> String {
        path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? path
    }

    private static func level(_ severity: Finding.Severity) -> String {
        switch severity {
        case .critical, .high: "error"
        case .medium: "warning"
        case .low, .info: "note"
        }
    }
}
