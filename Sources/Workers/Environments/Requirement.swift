internal import Domain

/// One requirement as PEP 508 writes it, cut to what is safe: a name, extras, version specifiers, a marker.
///
/// URLs, local paths, options and includes are refused: an installer would fetch or read what they name.
/// https://packaging.python.org/en/latest/specifications/dependency-specifiers/
package struct Requirement: Sendable, Hashable {
    /// Normalised: lower case, runs of `-`, `_` and `.` are one `-`.
    package let name: String
    package let extras: [String]
    /// `==1.5.2`, `>=2,<3`; empty when any version will do.
    package let specifiers: String
    package let marker: String?

    package init(name: String, extras: [String] = [], specifiers: String = "", marker: String? = nil) {
        self.name = Self.normalised(name)
        self.extras = extras
        self.specifiers = specifiers
        self.marker = marker
    }

    /// Reads one line without its comment.
    /// - Throws: `unprocessable` saying what is not allowed.
    package init(_ line: String) throws {
        guard line.utf8.count <= 512, line.utf8.allSatisfy({ (0x20..<0x7f).contains($0) || $0 == 0x09 }) else {
            throw Self.refused(line, "a line of at most 512 printable ASCII characters")
        }
        guard !line.hasPrefix("-") else { throw Self.refused(line, "a package name; options and includes are not allowed") }
        guard !line.contains("://"), !line.contains("@"), !line.hasPrefix("/"), !line.hasPrefix(".") else {
            throw Self.refused(line, "a package by name; addresses and paths are not allowed")
        }
        let parts = line.split(separator: ";", maxSplits: 1).map { Self.trimmed($0) }
        var rest = (parts.first ?? "")[...]
        let name = rest.prefix { $0.isLetter || $0.isNumber || "-_.".contains($0) }
        rest = rest.dropFirst(name.count).drop { $0 == " " }
        guard let first = name.first, let last = name.last, first.isLetter || first.isNumber, last.isLetter || last.isNumber else {
            throw Self.refused(line, "a package name")
        }
        var extras: [String] = []
        if rest.first == "[" {
            guard let end = rest.firstIndex(of: "]") else { throw Self.refused(line, "']' after the extras") }
            extras = rest[rest.index(after: rest.startIndex)..<end].split(separator: ",").map { Self.trimmed($0) }
            guard extras.allSatisfy({ !$0.isEmpty && $0.allSatisfy { $0.isLetter || $0.isNumber || "-_.".contains($0) } }) else {
                throw Self.refused(line, "names of extras")
            }
            rest = rest[rest.index(after: end)...]
        }
        let specifiers = Self.trimmed(rest).filter { $0 != " " }
        guard Self.areSpecifiers(specifiers) else { throw Self.refused(line, "version specifiers such as '==1.5.2' or '>=2,<3'") }
        let marker = parts.count > 1 ? parts[1] : nil
        if let marker, !marker.allSatisfy({ $0.isLetter || $0.isNumber || " _.'\"<>=!()-".contains($0) }) {
            throw Self.refused(line, "an environment marker")
        }
        self.init(name: String(name), extras: extras, specifiers: specifiers, marker: marker)
    }

    /// As an installer reads it.
    package var text: String {
        let extras = extras.isEmpty ? "" : "[\(extras.joined(separator: ","))]"
        return name + extras + specifiers + (marker.map { " ; \($0)" } ?? "")
    }

    /// The version when it is pinned with `==`.
    package var pinnedVersion: String? {
        specifiers.hasPrefix("==") && !specifiers.contains(",") && !specifiers.contains("*") ? String(specifiers.drop { $0 == "=" }) : nil
    }

    /// Reads a requirements file: comments, blank lines and line ends of every kind.
    /// - Throws: `unprocessable` naming the line.
    package static func parse(_ text: String) throws -> [Requirement] {
        let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
        guard lines.count <= 500 else { throw refused("\(lines.count) lines", "at most 500 lines") }
        return try lines.compactMap { line in
            let content = trimmed(line.prefix { $0 != "#" })
            return content.isEmpty ? nil : try Requirement(content)
        }
    }

    private static func areSpecifiers(_ text: String) -> Bool {
        guard !text.isEmpty else { return true }
        return text.split(separator: ",", omittingEmptySubsequences: false).allSatisfy { part in
            guard let operation = ["===", "~=", "==", "!=", "<=", ">=", "<", ">"].first(where: part.hasPrefix) else { return false }
            let version = part.dropFirst(operation.count)
            return !version.isEmpty && version.allSatisfy { $0.isLetter || $0.isNumber || ".*+!-_".contains($0) }
        }
    }

    private static func normalised(_ name: String) -> String {
        name.lowercased().split { "-_.".contains($0) }.joined(separator: "-")
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }

    private static func refused(_ line: String, _ expected: String) -> PlatformError {
        PlatformError(.unprocessable, "Requirement '\(line.prefix(80))': expected \(expected).", details: .object(["line": .string(String(line.prefix(80)))]))
    }
}
