internal import Domain

/// The header of one part of a form.
package struct MultipartHeader: Sendable, Equatable {
    /// Name of the form field.
    package let name: String
    /// The client's name of the file; nil for a plain field.
    package let filename: String?

    /// - Throws: `invalidInput` without a `Content-Disposition: form-data` that has a name.
    init(_ text: String) throws(PlatformError) {
        let lines = text.split(separator: "\r\n")
        let disposition = lines.first { $0.lowercased().hasPrefix("content-disposition:") }
        guard let disposition, let name = Self.parameter("name", of: disposition), (1...128).contains(name.utf8.count) else {
            throw PlatformError(.invalidInput, "A part of the form has no name of 1 to 128 bytes in its Content-Disposition.")
        }
        self.name = name
        filename = Self.parameter("filename", of: disposition)
    }

    /// The value of `name=value` or `name="value"` in a header line; `\"` and `%22` stand for a quote (RFC 7578 section 2).
    static func parameter(_ name: String, of line: some StringProtocol) -> String? {
        var rest = Substring(line)
        while let semicolon = rest.firstIndex(of: ";") {
            rest = rest[rest.index(after: semicolon)...].drop { $0 == " " || $0 == "\t" }
            guard let equals = rest.firstIndex(of: "=") else { return nil }
            let key = rest[..<equals]
            rest = rest[rest.index(after: equals)...]
            let value = takeValue(&rest)
            if key.lowercased() == name { return value }
        }
        return nil
    }

    private static func takeValue(_ rest: inout Substring) -> String {
        guard rest.first == "\"" else {
            let value = rest.prefix { $0 != ";" && $0 != " " }
            rest = rest.dropFirst(value.count)
            return String(value)
        }
        var value = ""
        rest = rest.dropFirst()
        while let character = rest.popFirst(), character != "\"" {
            if character == "\\", rest.first == "\"" || rest.first == "\\", let escaped = rest.popFirst() {
                value.append(escaped)
            } else {
                value.append(character)
            }
        }
        return value
    }
}
