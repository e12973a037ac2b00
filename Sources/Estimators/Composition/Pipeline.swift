import Formats

/// Steps one after the other; the last one has the role of the whole.
enum Pipeline {
    static func make(_ attributes: Attributes) throws -> any FittedEstimator {
        var steps: [any FittedEstimator] = []
        for step in try attributes.items("steps") {
            guard let pair = Attributes.items(step), pair.count == 2 else { throw attributes.uncovered("steps") }
            if case .none = pair[1] { continue }
            steps.append(try attributes.builder.build(pair[1], within: attributes.version))
        }
        return try joined(steps, of: attributes)
    }

    static func joined(_ steps: [any FittedEstimator], of attributes: Attributes) throws -> any FittedEstimator {
        guard let last = steps.last else { throw attributes.uncovered("no steps") }
        let transformers = try steps.dropLast().map { step in
            guard let transformer = step as? any Transformer else { throw attributes.uncovered("a step that does not transform") }
            return transformer
        }
        guard let first = transformers.first else { return last }
        let chain = TransformerChain(transformers, takesText: first is any TextTransformer)
        switch last {
        case let last as any Classifier: return ChainedClassifier(chain: chain, last: last)
        case let last as any Regressor: return ChainedRegressor(chain: chain, last: last)
        case let last as any OutlierDetector: return ChainedDetector(chain: chain, last: last)
        case let last as any MultiLabelClassifier: return ChainedMultiLabel(chain: chain, last: last)
        case let last as any Clusterer: return ChainedClusterer(chain: chain, last: last)
        case let last as any Transformer:
            let chain = TransformerChain(transformers + [last], takesText: chain.takesText)
            return chain.takesText ? ChainedTextTransformer(chain: chain) : chain
        default: throw attributes.uncovered("a last step without a role")
        }
    }
}

/// Transformers one after the other.
struct TransformerChain: Transformer {
    private let steps: [any Transformer]
    let takesText: Bool

    init(_ steps: [any Transformer], takesText: Bool) {
        self.steps = steps
        self.takesText = takesText
    }

    func transform(_ rows: Rows) throws -> Rows { try steps.reduce(rows) { try $1.transform($0) } }
}

struct ChainedTextTransformer: TextTransformer {
    let chain: TransformerChain
    func transform(_ rows: Rows) throws -> Rows { try chain.transform(rows) }
}

struct ChainedClassifier: Classifier {
    let chain: TransformerChain
    let last: any Classifier

    var classes: [Label] { last.classes }
    var givesProbabilities: Bool { last.givesProbabilities }
    func probabilities(_ rows: Rows) throws -> Matrix { try last.probabilities(try chain.transform(rows)) }
    func decision(_ rows: Rows) throws -> Matrix? { try last.decision(try chain.transform(rows)) }
    func predict(_ rows: Rows) throws -> [Int] { try last.predict(try chain.transform(rows)) }
    func answer(_ rows: Rows) throws -> (classes: [Int], probabilities: Matrix?) { try last.answer(try chain.transform(rows)) }
}

struct ChainedRegressor: Regressor {
    let chain: TransformerChain
    let last: any Regressor

    var keepsTargetAxis: Bool { last.keepsTargetAxis }
    func values(_ rows: Rows) throws -> Matrix { try last.values(try chain.transform(rows)) }
}

struct ChainedDetector: OutlierDetector {
    let chain: TransformerChain
    let last: any OutlierDetector

    var isInlierAtZero: Bool { last.isInlierAtZero }
    func decision(_ rows: Rows) throws -> [Double] { try last.decision(try chain.transform(rows)) }
}

struct ChainedClusterer: Clusterer {
    let chain: TransformerChain
    let last: any Clusterer

    func clusters(_ rows: Rows) throws -> [Int] { try last.clusters(try chain.transform(rows)) }
}

struct ChainedMultiLabel: MultiLabelClassifier {
    let chain: TransformerChain
    let last: any MultiLabelClassifier

    func labels(_ rows: Rows) throws -> [[Label]] { try last.labels(try chain.transform(rows)) }
}
