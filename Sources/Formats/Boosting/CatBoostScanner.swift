import Domain
internal import Files

/// Reads CatBoost's binary models: `CBM1`, the length of a flatbuffer in 4 bytes, the flatbuffer, then the parts it names.
///
/// Its trees hold data only, so their indices are checked.
/// https://github.com/catboost/catboost/blob/master/catboost/libs/model/flatbuffers/model.fbs
struct CatBoostScanner {
    static let magic = Array("CBM1".utf8)

    func read(_ subject: ScanSubject, _ session: ScanSession) throws -> ArtifactFacts {
        var facts = ArtifactFacts()
        facts.framework = "catboost"
        facts.packages = ["catboost"]
        var frame = LittleEndianFields(try subject.bytes.exactly(8, at: 0))
        frame.skip(4)
        let core = try subject.bytes.slice(at: 8, length: Int64(frame.next(4)))
        let reader = FlatbufferReader(bytes: core)
        let model = try reader.root()
        guard let trees = try reader.table(model, 1) else {
            session.add(.boosterTruncated, "a model without trees", in: subject)
            return facts
        }
        try readInformation(of: model, reader, &facts)
        try readFeatures(of: trees, reader, &facts)
        if let fault = try fault(of: trees, reader) { session.add(.boosterShape, fault, in: subject) }
        let end = 8 + core.count
        if try reader.count(model, 3, elementSize: 4) == 0, end < subject.bytes.count {
            session.add(.trailingBytes, "\(subject.bytes.count - end) bytes", at: end, in: subject)
        }
        return facts
    }

    // MARK: - Facts

    /// The library writes down how the model was made, as JSON under names.
    private func readInformation(of model: FlatbufferReader.Table, _ reader: FlatbufferReader, _ facts: inout ArtifactFacts) throws {
        for entry in try reader.tables(model, 2, limit: 1000) {
            guard let key = try reader.text(entry, 0), let value = try reader.text(entry, 1, limit: 1 << 20) else { continue }
            switch key {
            case "catboost_version_info":
                facts.frameworkVersion = value.split(separator: "\n").first { $0.contains("Branch: tags/v") }?.split(separator: "/v").last.map(String.init)
            case "class_params":
                let names = try? BoosterJSONReader.read(Array(value.utf8))["class_names"]
                facts.classes = names?.numbers?.map { Int64(exactly: $0).map(JSONValue.int) ?? .double($0) } ?? names?.items?.compactMap { $0.text.map(JSONValue.string) }
            case "params":
                let parameters = try? BoosterJSONReader.read(Array(value.utf8))
                if let loss = parameters?["loss_function"]?["type"]?.text { facts.hyperparameters["loss_function"] = .string(loss) }
            default: break
            }
        }
    }

    /// Numbers (5) and categories (4) of a row by their place in it.
    private func readFeatures(of trees: FlatbufferReader.Table, _ reader: FlatbufferReader, _ facts: inout ArtifactFacts) throws {
        var names: [Int64: String] = [:]
        for (vector, name) in [(5, 4), (4, 2)] {
            for feature in try reader.tables(trees, vector) {
                names[try reader.number(feature, vector == 5 ? 2 : 1, width: 4, standard: -1)] = try reader.text(feature, name) ?? ""
            }
        }
        guard names.keys.allSatisfy({ $0 >= 0 && $0 < names.count }) else { return }
        facts.featureCount = names.count
        let ordered = names.sorted { $0.key < $1.key }.map(\.value)
        if ordered.allSatisfy({ !$0.isEmpty }) { facts.featureNames = ordered }
        facts.hyperparameters["n_trees"] = .int(try reader.count(trees, 2, elementSize: 4))
    }

    // MARK: - Indices

    private func fault(of trees: FlatbufferReader.Table, _ reader: FlatbufferReader) throws -> String? {
        let dimension = try reader.number(trees, 0, width: 4)
        let (splits, sizes, starts) = (try reader.integers(trees, 1), try reader.integers(trees, 2), try reader.integers(trees, 3))
        let leaves = try reader.count(trees, 8, elementSize: 8)
        guard dimension >= 1, dimension <= 100_000 else { return "\(dimension) outputs" }
        guard sizes.allSatisfy({ $0 >= 0 }), sizes.reduce(0, { $0 + Int($1) }) == splits.count else { return "trees of more splits than there are" }
        guard starts.count == sizes.count, zip(starts, sizes).allSatisfy({ $0 >= 0 && Int($0) + Int($1) <= splits.count }) else { return "a tree that begins elsewhere" }
        guard splits.allSatisfy({ $0 >= 0 }) else { return "a split below all" }
        // Where all splits are of numbers, they are counted by the borders.
        let hasOtherSplits = try [6, 7, 12, 13].contains { try reader.count(trees, $0, elementSize: 4) > 0 }
        if !hasOtherSplits {
            let borders = try reader.tables(trees, 5).reduce(0) { $0 + (try reader.count($1, 3, elementSize: 4)) }
            if let split = splits.first(where: { Int($0) >= borders }) { return "split \(split) of \(borders)" }
        }
        let steps = try reader.integers(trees, 10)
        return steps.isEmpty ? symmetricFault(sizes, dimension, leaves) : try stepFault(steps, try reader.integers(trees, 11), splits, dimension, leaves)
    }

    /// A tree of n splits has 2ⁿ leaves.
    private func symmetricFault(_ sizes: [Int32], _ dimension: Int64, _ leaves: Int) -> String? {
        guard let deep = sizes.first(where: { $0 > 30 }) else {
            let expected = sizes.reduce(0) { $0 + 1 << Int($1) } * Int(dimension)
            return leaves == expected ? nil : "\(leaves) leaves, expected \(expected)"
        }
        return "a tree \(deep) deep"
    }

    /// Each node says how far its two children are (16 bits each, 0: a leaf); the leaf's number stands in a list of its own.
    private func stepFault(_ steps: [Int32], _ leafOfNode: [Int32], _ splits: [Int32], _ dimension: Int64, _ leaves: Int) throws -> String? {
        guard steps.count == splits.count, leafOfNode.count == splits.count else { return "arrays of different lengths" }
        for (node, step) in steps.enumerated() {
            let (left, right) = (Int(step & 0xffff), Int(step >> 16 & 0xffff))
            if max(left, right) >= steps.count - node { return "node \(node) leads to node \(node + max(left, right))" }
            let leaf = Int(UInt32(bitPattern: leafOfNode[node]))
            if left == 0 || right == 0, leaf >= leaves { return "node \(node) leads to leaf \(leaf) of \(leaves)" }
        }
        return nil
    }
}
