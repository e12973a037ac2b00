internal import Files

/// Reads the text model of LightGBM: `key=value` lines of the header and of each tree.
///
/// Source: `GBDT::SaveModelToString`, https://github.com/microsoft/LightGBM/blob/master/src/boosting/gbdt_model_text.cpp
enum LightGBMText {
    /// A dictionary of the header's lines as text, with `trees`: for each tree its lines as numbers.
    /// - Throws: ``ReadFault``.
    static func read(_ bytes: any RandomAccess) throws -> FittedValue {
        let reader = ByteReader(SequentialSource(bytes), limit: .max)
        var header: [FittedValue.Entry] = []
        var trees: [FittedValue] = []
        var tree: [FittedValue.Entry]?
        while true {
            let line = String(decoding: try reader.line(atMost: 64 << 20), as: UTF8.self)
            if line == "end of trees" { break }
            guard let equals = line.firstIndex(of: "=") else {
                // A word alone, as `average_output`, is a flag.
                if tree == nil, !line.isEmpty { header.append(.init(key: .string(line), value: .bool(true))) }
                continue
            }
            let (key, text) = (String(line[..<equals]), line[line.index(after: equals)...])
            if key == "Tree" {
                if let tree { trees.append(.dictionary(tree)) }
                tree = []
            } else if tree != nil {
                tree?.append(.init(key: .string(key), value: .numbers(try numbers(text, at: reader.offset))))
            } else {
                header.append(.init(key: .string(key), value: .string(String(text))))
            }
        }
        if let tree { trees.append(.dictionary(tree)) }
        header.append(.init(key: .string("trees"), value: .list(trees)))
        if let categories = try pandasCategories(reader) { header.append(.init(key: .string("pandas_categorical"), value: .string(categories))) }
        return .dictionary(header)
    }

    private static func numbers(_ text: Substring, at offset: Int64) throws -> [Double] {
        try text.split(separator: " ").map { part in
            guard let number = Double(part) else { throw ReadFault.malformed("'\(part.prefix(40))' is no number", at: offset) }
            return number
        }
    }

    /// The line that the Python package writes behind the model.
    private static func pandasCategories(_ reader: ByteReader) throws -> String? {
        let prefix = "pandas_categorical:"
        while try !reader.isAtEnd {
            guard let line = try? reader.line(atMost: 64 << 20) else { return nil }
            let text = String(decoding: line, as: UTF8.self)
            if text.hasPrefix(prefix) { return String(text.dropFirst(prefix.count)) }
        }
        return nil
    }
}
