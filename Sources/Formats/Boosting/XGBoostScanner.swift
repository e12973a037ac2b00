import Domain

/// Reads what an XGBoost model file tells at its end; the format holds data only.
///
/// Source: https://xgboost.readthedocs.io/en/stable/tutorials/saving_model.html
struct XGBoostScanner {
    func scan(path: String, format: ModelFormat) throws -> ScannedArtifact {
        var facts = ArtifactFacts()
        facts.framework = "xgboost"
        facts.packages = ["xgboost"]
        let tail = try FileSource.tail(of: path, count: 256)
        facts.frameworkVersion = format == .xgboostJSON ? versionInJSON(tail) : versionInUBJ(tail)
        var findings: [Finding] = []
        let ending = tail.last { ![0x20, 0x0a, 0x0d, 0x09].contains($0) }
        if ending != UInt8(ascii: "}") {
            findings.append(
                Finding(.critical, "xgboost.truncated", found: "a file that does not end with its object", reason: "The model is incomplete.")
            )
        }
        return ScannedArtifact(format: format, facts: facts, findings: findings)
    }

    /// `"version":[2,0,3]`
    private func versionInJSON(_ tail: [UInt8]) -> String? {
        let text = String(decoding: tail, as: UTF8.self)
        guard let key = text.range(ofLast: "\"version\"") else { return nil }
        let numbers = text[key.upperBound...].split { !$0.isNumber }.prefix(3)
        return numbers.count == 3 ? numbers.joined(separator: ".") : nil
    }

    /// `L` and the length, `version`, `[` (perhaps `#` and a count), then three integers with their type letter.
    private func versionInUBJ(_ tail: [UInt8]) -> String? {
        let key = Array("version".utf8)
        guard let place = tail.indices.last(where: { tail[$0...].starts(with: key) }) else { return nil }
        var bytes = tail[(place + key.count)...]
        var numbers: [UInt64] = []
        let widths: [UInt8: Int] = [0x69: 1, 0x55: 1, 0x49: 2, 0x6c: 4, 0x4c: 8]
        guard bytes.popFirst() == UInt8(ascii: "[") else { return nil }
        if bytes.first == UInt8(ascii: "#") {
            bytes = bytes.dropFirst()
            guard let letter = bytes.popFirst(), let width = widths[letter] else { return nil }
            bytes = bytes.dropFirst(width)
        }
        while numbers.count < 3, let letter = bytes.popFirst(), let width = widths[letter], bytes.count >= width {
            numbers.append(bytes.prefix(width).reduce(0) { $0 << 8 | UInt64($1) })
            bytes = bytes.dropFirst(width)
        }
        return numbers.count == 3 ? numbers.map(String.init).joined(separator: ".") : nil
    }
}

extension String {
    /// The last place where `needle` stands.
    fileprivate func range(ofLast needle: String) -> Range<Index>? {
        indices.last { self[$0...].hasPrefix(needle) }.map { $0..<index($0, offsetBy: needle.count) }
    }
}
