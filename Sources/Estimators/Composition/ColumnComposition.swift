import Formats

/// Transformers on parts of the columns, side by side.
struct ColumnTransformer: Transformer {
    private struct Part: Sendable {
        let transformer: any Transformer
        let columns: [Int]
        let weight: Double?
    }

    private let parts: [Part]
    private let width: Int

    init(_ attributes: Attributes) throws {
        width = try attributes.count("n_features_in_")
        let width = width
        guard case .dictionary(let entries) = try attributes.value("_transformer_to_input_indices") else { throw attributes.uncovered("_transformer_to_input_indices") }
        let indices = entries.reduce(into: [String: [Int]]()) { map, entry in
            if let name = entry.key.string, let columns = Attributes.items(entry.value)?.compactMap(\.integer) { map[name] = columns }
        }
        let weights = try Self.weights(attributes)
        parts = try attributes.items("transformers_").compactMap { item in
            guard let triple = Attributes.items(item), triple.count == 3, let name = triple[0].string, let columns = indices[name] else {
                throw attributes.uncovered("transformers_")
            }
            guard columns.allSatisfy((0..<width).contains) else { throw attributes.uncovered("columns beyond the last one") }
            if case .string("drop") = triple[1] { return nil }
            guard !columns.isEmpty else { return nil }
            guard let transformer = try attributes.builder.build(triple[1], within: attributes.version) as? any Transformer else {
                throw attributes.uncovered("transformers_")
            }
            return Part(transformer: transformer, columns: columns, weight: weights[name])
        }
    }

    private static func weights(_ attributes: Attributes) throws -> [String: Double] {
        guard attributes.has("transformer_weights") else { return [:] }
        guard case .dictionary(let entries) = try attributes.value("transformer_weights") else { throw attributes.uncovered("transformer_weights") }
        return entries.reduce(into: [:]) { map, entry in
            if let name = entry.key.string, let weight = entry.value.number { map[name] = weight }
        }
    }

    func transform(_ rows: Rows) throws -> Rows {
        guard rows.columns == width else { throw EvaluationFailure("X has \(rows.columns) features, but \(width) are expected.") }
        return try .concatenated(
            try parts.map { part in try Weighted.apply(part.weight, to: part.transformer.transform(rows.columns(part.columns))) }, rows: rows.count)
    }
}

/// Transformers on the same columns, side by side.
struct FeatureUnion: Transformer {
    private let parts: [(transformer: any Transformer, weight: Double?)]

    static func make(_ attributes: Attributes) throws -> any FittedEstimator {
        let union = try FeatureUnion(attributes)
        return union.parts.contains { $0.transformer is any TextTransformer } ? ChainedTextTransformer(chain: TransformerChain([union], takesText: true)) : union
    }

    private init(_ attributes: Attributes) throws {
        if attributes.has("transformer_weights") { throw attributes.uncovered("transformer_weights") }
        parts = try attributes.items("transformer_list").compactMap { item in
            guard let pair = Attributes.items(item), pair.count == 2 else { throw attributes.uncovered("transformer_list") }
            if case .string("drop") = pair[1] { return nil }
            guard let transformer = try attributes.builder.build(pair[1], within: attributes.version) as? any Transformer else {
                throw attributes.uncovered("transformer_list")
            }
            return (transformer, nil)
        }
    }

    func transform(_ rows: Rows) throws -> Rows {
        try .concatenated(try parts.map { try $0.transformer.transform(rows) }, rows: rows.count)
    }
}

private enum Weighted {
    static func apply(_ weight: Double?, to rows: Rows) throws -> Rows {
        guard let weight else { return rows }
        return .matrix(try rows.matrix().mapColumns { value, _ in value * weight })
    }
}
