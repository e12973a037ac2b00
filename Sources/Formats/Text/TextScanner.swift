import Domain
internal import Files

/// Judges the text files that come with a model: YAML, requirements.
struct TextScanner {
    private static let maximumBytes: Int64 = 16 << 20

    /// YAML 1.2 (https://yaml.org/spec/1.2.2/): tags construct objects, aliases multiply.
    func readYAML(_ subject: ScanSubject, _ session: ScanSession) throws {
        var anchors = 0
        var aliases = 0
        for (line, offset) in try lines(subject) {
            for token in Self.tokens(line) {
                if token.hasPrefix("!") { session.add(.yamlTag, token, at: offset, in: subject) }
                if token.hasPrefix("&"), token.count > 1 { anchors += 1 }
                if token.hasPrefix("*"), token.count > 1 { aliases += 1 }
            }
        }
        if aliases > 100 || (anchors > 3 && aliases > anchors * 4) { session.add(.yamlAliases, "\(aliases) aliases of \(anchors) anchors", in: subject) }
    }

    /// One requirement a line: names, extras, versions, markers (PEP 508 without addresses).
    func readRequirements(_ subject: ScanSubject, _ session: ScanSession) throws {
        for (line, offset) in try lines(subject) {
            let text = line.prefix { $0 != "#" }.trimmingPrefix { $0 == " " || $0 == "\t" }
            guard let first = text.first else { continue }
            let isPlain = first.isLetter || first.isNumber
            if !isPlain || text.contains("://") || text.contains("@") || text.contains("\\") { session.add(.requirement, String(text), at: offset, in: subject) }
        }
    }

    private func lines(_ subject: ScanSubject) throws -> [(text: String, offset: Int64)] {
        guard subject.bytes.count <= Self.maximumBytes else { throw ReadFault.limit("a text of \(subject.bytes.count) bytes", at: 0) }
        guard let text = String(validating: try subject.bytes.exactly(Int(subject.bytes.count), at: 0), as: UTF8.self) else {
            throw ReadFault.malformed("a text that is not UTF-8", at: 0)
        }
        var offset: Int64 = 0
        return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            defer { offset += Int64(line.utf8.count) + 1 }
            return (String(line), offset)
        }
    }

    /// What stands where a value may begin, outside of quotes and comments.
    private static func tokens(_ line: String) -> [String] {
        var tokens: [String] = []
        var quote: Character?
        var current = ""
        for character in line {
            if let open = quote {
                if character == open { quote = nil }
            } else if character == "#", current.isEmpty {
                break
            } else if (character == "\"" || character == "'") && current.isEmpty {
                quote = character
            } else if character == " " || character == "," || "[]{}".contains(character) {
                if !current.isEmpty { tokens.append(current) }
                current = ""
            } else {
                current.append(character)
            }
        }
        return current.isEmpty ? tokens : tokens + [current]
    }
}
