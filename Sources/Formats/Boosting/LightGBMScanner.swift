import Domain
internal import Files

/// Reads LightGBM text models; the format holds data only, so its trees are checked.
///
/// Source: `GBDT::SaveModelToString`, https://github.com/microsoft/LightGBM/blob/master/src/boosting/gbdt_model_text.cpp,
/// and `Tree::ToString`, https://github.com/microsoft/LightGBM/blob/master/src/io/tree.cpp
struct LightGBMScanner {
    private static let maximumTrees = 1_000_000

    func read(_ subject: ScanSubject, _ session: ScanSession) throws -> ArtifactFacts {
        var facts = ArtifactFacts()
        facts.framework = "lightgbm"
        facts.packages = ["lightgbm"]
        let reader = ByteReader(SequentialSource(subject.bytes), limit: .max)
        do {
            try readHeader(reader, &facts)
            var index = 0
            while index < Self.maximumTrees, let fields = try nextTree(reader) {
                if let fault = treeFault(fields, features: facts.featureCount ?? .max) {
                    session.add(.boosterShape, "tree \(index): \(fault)", at: reader.offset, in: subject)
                    return facts
                }
                index += 1
            }
            facts.hyperparameters["n_trees"] = .int(index)
        } catch ReadFault.truncated {
            session.add(.boosterTruncated, "the text ends before 'end of trees'", at: reader.offset, in: subject)
        }
        return facts
    }

    /// Lines up to the first empty one behind `tree_sizes`.
    private func readHeader(_ reader: ByteReader, _ facts: inout ArtifactFacts) throws {
        for _ in 0..<200 {
            let line = String(decoding: try reader.line(atMost: 64 << 20), as: UTF8.self)
            if line.isEmpty, facts.featureCount != nil { return }
            guard let equals = line.firstIndex(of: "=") else { continue }
            let value = String(line[line.index(after: equals)...])
            switch line[..<equals] {
            case "max_feature_idx": facts.featureCount = Int(value).flatMap { (0..<Int(Int32.max)).contains($0) ? $0 + 1 : nil }
            case "feature_names": facts.featureNames = value.split(separator: " ").map(String.init)
            case "objective", "num_class", "version": facts.hyperparameters[String(line[..<equals])] = .string(value)
            default: break
            }
        }
        throw ReadFault.malformed("a header without an end", at: reader.offset)
    }

    /// The fields of the next tree; nil at `end of trees`.
    private func nextTree(_ reader: ByteReader) throws -> [String: String]? {
        var fields: [String: String] = [:]
        while true {
            let line = String(decoding: try reader.line(atMost: 64 << 20), as: UTF8.self)
            if line == "end of trees" {
                try reader.skipToEnd()
                return nil
            }
            if line.isEmpty, fields.count > 1 { return fields }
            guard let equals = line.firstIndex(of: "=") else { continue }
            fields[String(line[..<equals])] = String(line[line.index(after: equals)...])
        }
    }

    /// A tree of `n` leaves has `n - 1` splits; a child is a split (0 or more) or a leaf (`~index`).
    private func treeFault(_ fields: [String: String], features: Int) -> String? {
        guard let leaves = fields["num_leaves"].flatMap({ Int($0) }), (1...10_000_000).contains(leaves) else { return "no number of leaves" }
        func numbers(_ key: String) -> [Int]? {
            let values = (fields[key] ?? "").split(separator: " ").map { Int($0) }
            return values.contains(nil) ? nil : values.compactMap(\.self)
        }
        guard leaves > 1 else { return nil }
        guard let splits = numbers("split_feature"), let left = numbers("left_child"), let right = numbers("right_child"),
            splits.count == leaves - 1, left.count == leaves - 1, right.count == leaves - 1
        else { return "\(leaves) leaves without \(leaves - 1) splits" }
        if let feature = splits.first(where: { $0 < 0 || $0 >= features }) { return "a split of feature \(feature) of \(features)" }
        for node in splits.indices {
            for child in [left[node], right[node]] where child >= leaves - 1 || child < -leaves || (child >= 0 && child <= node) {
                return "node \(node) leads to \(child)"
            }
        }
        return nil
    }
}
