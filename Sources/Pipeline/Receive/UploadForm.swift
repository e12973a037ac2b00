internal import Domain
internal import Foundation
internal import Workers

/// The fields of an upload, checked; every fault is named at once.
struct UploadForm {
    let name: String
    let description: String
    let type: ModelType
    let framework: String?
    let category: String?
    let tags: [String]
    let isPublic: Bool
    let version: SemanticVersion?
    let pythonVersion: String?
    let runtime: RuntimeChoice
    let inputSchema: JSONValue?
    let outputSchema: JSONValue?
    let notes: String?
    let requirements: [Requirement]
    /// What the form tells of how the version was made.
    let versionDescription: VersionDescription

    /// - Parameter existing: The model that gets a new version; its own name and type stand when the form leaves them out.
    /// - Throws: `schemaViolation`, `unprocessable` for a requirement that is not allowed.
    init(_ fields: [String: String], requirements text: String, existing: Model?) throws {
        var check = FieldCheck(fields)
        name = check.line("name", 255, default: existing?.name)
        description = check.text("description", 0...10_000, default: existing?.description ?? "")
        type = check.choice("model_type", default: existing?.type, fallback: .custom)
        framework = check.optional("framework", 1...50) ?? existing?.framework
        category = check.optional("category", 1...100) ?? existing?.category
        tags = check.tags()
        isPublic = check.flag("is_public", default: existing?.isPublic ?? false)
        version = check.version()
        pythonVersion = check.pythonVersion()
        runtime = check.choice("runtime", default: .auto, fallback: .auto)
        inputSchema = check.json("input_schema")
        outputSchema = check.json("output_schema")
        notes = check.optional("notes", 0...10_000)
        versionDescription = check.versionDescription()
        guard check.faults.isEmpty else { throw PlatformError.fields(check.faults) }
        requirements = try Requirement.parse(text)
    }
}

/// Reads form fields and collects what is wrong with them.
private struct FieldCheck {
    private(set) var faults: [FieldFault] = []
    private let fields: [String: String]

    init(_ fields: [String: String]) {
        self.fields = fields
    }

    mutating func line(_ name: String, _ length: Int, default standard: String?) -> String {
        let value = text(name, 1...length, default: standard)
        if !value.isEmpty, !value.isLine(upTo: length) { fault(name, "expected one line") }
        return value
    }

    mutating func text(_ name: String, _ length: ClosedRange<Int>, default standard: String?) -> String {
        guard let value = fields[name] ?? standard else {
            fault(name, "required")
            return ""
        }
        guard length.contains(value.count), !value.unicodeScalars.contains(where: { $0.value < 0x20 && $0 != "\n" && $0 != "\t" && $0 != "\r" }) else {
            fault(name, "expected \(length.lowerBound) to \(length.upperBound) characters without control characters")
            return ""
        }
        return value
    }

    mutating func optional(_ name: String, _ length: ClosedRange<Int>) -> String? {
        guard let value = fields[name], !value.isEmpty else { return nil }
        return text(name, length, default: nil)
    }

    mutating func choice<Choice: RawRepresentable & CaseIterable>(_ name: String, default standard: Choice?, fallback: Choice) -> Choice
    where Choice.RawValue == String {
        guard let text = fields[name], !text.isEmpty else {
            if let standard { return standard }
            fault(name, "required")
            return fallback
        }
        guard let choice = Choice(rawValue: text) else {
            fault(name, "expected one of \(Choice.allCases.map(\.rawValue).joined(separator: ", ")), found '\(text.prefix(40))'")
            return fallback
        }
        return choice
    }

    mutating func flag(_ name: String, default standard: Bool) -> Bool {
        guard let text = fields[name]?.lowercased(), !text.isEmpty else { return standard }
        if ["true", "1", "yes", "on"].contains(text) { return true }
        if !["false", "0", "no", "off"].contains(text) { fault(name, "expected true or false") }
        return false
    }

    /// A JSON array of texts, or texts with commas between them.
    mutating func tags() -> [String] {
        guard let text = fields["tags"]?.trimmingCharacters(in: .whitespacesAndNewlines), !text.isEmpty else { return [] }
        let raw: [String]
        if text.hasPrefix("[") {
            guard let list = try? JSONDecoder().decode([String].self, from: Data(text.utf8)) else {
                fault("tags", "expected a JSON array of texts or a comma list")
                return []
            }
            raw = list
        } else {
            raw = text.split(separator: ",").map(String.init)
        }
        let tags = raw.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }.filter { !$0.isEmpty }
        if tags.count > 50 || tags.contains(where: { !$0.isLine(upTo: 50) }) { fault("tags", "expected at most 50 tags of at most 50 characters") }
        var seen: Set<String> = []
        return tags.filter { seen.insert($0).inserted }
    }

    mutating func version() -> SemanticVersion? {
        guard let text = fields["version"], !text.isEmpty else { return nil }
        let version = SemanticVersion(text)
        if version == nil { fault("version", "expected a semantic version such as 1.2.3, found '\(text.prefix(40))'") }
        return version
    }

    mutating func pythonVersion() -> String? {
        guard let text = fields["python_version"], !text.isEmpty else { return nil }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), parts[0] == "3", parts.dropFirst().allSatisfy({ Int($0) != nil && $0.count <= 3 }) else {
            fault("python_version", "expected a version such as 3.11, found '\(text.prefix(40))'")
            return nil
        }
        return text
    }

    mutating func json(_ name: String) -> JSONValue? {
        guard let value = anyJSON(name) else { return nil }
        guard case .object = value else {
            fault(name, "expected a JSON object")
            return nil
        }
        return value
    }

    mutating func versionDescription() -> VersionDescription {
        func members(_ value: JSONValue?) -> [String: JSONValue] {
            guard case .object(let members)? = value else { return [:] }
            return members
        }
        var training: [String: JSONValue] = [:]
        for name in ["config", "training_config"] { training[name] = json(name) }
        for name in ["classes", "input_shape"] {
            training[name] = anyJSON(name)
            if let value = training[name], value.arrayValue == nil { fault(name, "expected a JSON array") }
        }
        training["benchmark_dataset"] = optional("benchmark_dataset", 1...255).map { .string($0) }
        return VersionDescription(
            algorithm: fields["algorithm"].flatMap { $0.isEmpty ? nil : line("algorithm", 100, default: nil) }, hyperparameters: members(json("hyperparameters")),
            metrics: members(json("metrics")),
            dataset: members(json("dataset_info")), training: training)
    }

    private mutating func anyJSON(_ name: String) -> JSONValue? {
        guard let text = fields[name], !text.isEmpty else { return nil }
        guard text.utf8.count <= 32 << 10 || name.hasSuffix("_schema") else {
            fault(name, "expected at most \(32 << 10) bytes of JSON")
            return nil
        }
        let value = try? JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
        if value == nil { fault(name, "expected JSON") }
        return value
    }

    private mutating func fault(_ name: String, _ message: String) {
        faults.append(FieldFault(pointer: "/\(name)", message: message))
    }
}
