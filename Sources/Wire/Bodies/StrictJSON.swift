internal import Domain
internal import JSON

/// Refuses what readers of JSON do not agree on: a member that is given twice, half a surrogate pair, a byte order mark.
///
/// Where two readers take one body for different ones, the first can be made to allow what the second does not. RFC 8259 sections 4 and 8.
enum StrictJSON {
    /// As deep as Foundation goes.
    private static let maximumDepth = 512

    /// - Throws: `invalidJSON`, or `schemaViolation` with the JSON pointer of what is given twice.
    static func check(_ bytes: [UInt8]) throws(PlatformError) {
        var scanner = JSONScanner(bytes, maximumDepth: maximumDepth)
        var path: [String] = []
        try value(&scanner, &path)
        do throws(JSONFault) { try scanner.expectEnd() } catch { throw refused(error) }
    }

    private static func value(_ scanner: inout JSONScanner, _ path: inout [String]) throws(PlatformError) {
        switch scanner.peek() {
        case UInt8(ascii: "{"):
            var names: Set<String> = []
            try scanner.object(
                { (scanner, key) throws(PlatformError) in
                    let name = try text(key, in: scanner)
                    path.append(name)
                    guard names.insert(name).inserted else { throw PlatformError.field(path.map { "/\($0)" }.joined(), "given twice") }
                    try value(&scanner, &path)
                    path.removeLast()
                }, mapping: refused)
        case UInt8(ascii: "["):
            try scanner.array(
                { (scanner, index) throws(PlatformError) in
                    path.append("\(index)")
                    try value(&scanner, &path)
                    path.removeLast()
                }, mapping: refused)
        default: try single(&scanner)
        }
    }

    private static func single(_ scanner: inout JSONScanner) throws(PlatformError) {
        do throws(JSONFault) {
            if scanner.peek() == UInt8(ascii: "\"") { _ = try scanner.string(try scanner.text()) } else { _ = try scanner.skipValue() }
        } catch { throw refused(error) }
    }

    private static func text(_ key: JSONText, in scanner: JSONScanner) throws(PlatformError) -> String {
        do throws(JSONFault) { return try scanner.string(key) } catch { throw refused(error) }
    }

    private static func refused(_ fault: JSONFault) -> PlatformError {
        PlatformError(.invalidJSON, "The body is not JSON: \(fault.reason) at byte \(fault.offset).")
    }
}
