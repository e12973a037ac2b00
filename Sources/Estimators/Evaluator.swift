package import Domain
package import Formats

/// A classical model evaluated here, exactly as its library would: no Python, no code of the model.
///
/// Computes: a large batch belongs on a thread pool.
package struct Evaluator: Sendable {
    /// Numbers that the rows of one block may hold between two steps, 16 MiB.
    private static let blockNumbers = 2 << 20

    private let role: Role
    private let blockRows: Int
    private let widest: Int
    /// Whether the answer to a row depends on the rows beside it: a call is then one block, small enough for the server's memory, and
    /// how long it takes is told by nothing but its rows.
    package let hasDependentRows: Bool
    private let labels: LabelTable
    /// Bytes that the model takes in memory, roughly.
    package let memoryBytes: Int

    /// - Parameter model: What ``FittedModelReader`` read.
    /// - Throws: ``Uncovered`` with the name of the first class or option that is not evaluated here.
    package init(_ model: FittedModel) throws {
        let notes = EstimatorBuilder.Notes()
        role = try Role(try EstimatorBuilder(notes).build(model.root))
        hasDependentRows = notes.hasDependentRows
        widest = max(1, notes.widest)
        blockRows = max(1, min(4096, Self.blockNumbers / widest))
        if case .classifier(let classifier) = role { labels = LabelTable(classifier.classes) } else { labels = LabelTable([]) }
        memoryBytes = 2 * model.contentBytes + 16_384
    }

    /// - Parameters:
    ///   - request: One matrix `input`, or columns in the order of the signature.
    ///   - end: When the answer is late; looked at between blocks of rows.
    /// - Returns: `probabilities` and `labels` of a classifier, `values` of the others.
    /// - Throws: ``EvaluationFailure`` where the library would raise an error, ``Undecided``, `predictionTimeout`.
    package func predict(_ request: InferenceRequest, before end: ContinuousClock.Instant? = nil) throws -> InferenceResponse {
        let start = ContinuousClock.now
        let rows = try Self.rows(request)
        let blockRows = hasDependentRows ? request.rows : blockRows
        guard !hasDependentRows || request.rows <= Self.blockNumbers / max(widest, rows.columns) else { throw Undecided() }
        var answer: Answer?
        for first in stride(from: 0, to: request.rows, by: max(1, blockRows)) {
            let block = blockRows >= request.rows ? rows : rows.rows(first..<min(request.rows, first + blockRows))
            if first > 0, let end, .now > end { throw PlatformError(.predictionTimeout, "The prediction took longer than its limit.") }
            let part = try evaluate(block)
            if answer == nil { answer = part } else { answer?.append(part) }
        }
        return InferenceResponse(outputs: answer?.tensors(rows: request.rows) ?? [], modelMilliseconds: start.duration(to: .now).milliseconds)
    }

    private static func rows(_ request: InferenceRequest) throws -> Rows {
        if request.inputs.count == 1, let input = request.inputs.first, case .float64(let values) = input.storage, input.shape.count == 2 {
            return .matrix(Matrix(rows: input.shape[0], columns: input.shape[1], values: values))
        }
        let columns = try request.inputs.map { tensor -> Column in
            switch tensor.storage {
            case .float64(let values): return .numbers(values)
            case .strings(let texts): return .texts(texts)
            default: throw EvaluationFailure("The input \(tensor.name) is neither a number nor a text.")
            }
        }
        return .frame(Frame(rows: request.rows, columns: columns))
    }

    private func evaluate(_ rows: Rows) throws -> Answer {
        switch role {
        case .classifier(let classifier):
            let (classes, probabilities) = try classifier.answer(rows)
            return Answer(probabilities: probabilities, labels: try labels.storage(of: classes))
        case .regressor(let regressor):
            let values = try regressor.values(rows)
            return Answer(values: values, isColumn: values.columns == 1 && !regressor.keepsTargetAxis)
        case .detector(let detector): return Answer(labels: .int64(try detector.predict(rows).map(Int64.init)))
        case .multiLabel(let classifier):
            let labels = try classifier.labels(rows)
            return Answer(labels: LabelTable.storage(labels.flatMap(\.self)), labelColumns: labels.first?.count ?? 0)
        case .clusterer(let clusterer): return Answer(clusters: try clusterer.clusters(rows))
        case .transformer(let transformer): return Answer(values: try transformer.transform(rows).matrix(), isColumn: false)
        }
    }
}

/// What a model does for its callers; an estimator of several roles has the first of these.
private enum Role: Sendable {
    case classifier(any Classifier)
    case regressor(any Regressor)
    case detector(any OutlierDetector)
    case multiLabel(any MultiLabelClassifier)
    case clusterer(any Clusterer)
    case transformer(any Transformer)

    init(_ estimator: any FittedEstimator) throws {
        switch estimator {
        case let classifier as any Classifier: self = .classifier(classifier)
        case let regressor as any Regressor: self = .regressor(regressor)
        case let detector as any OutlierDetector: self = .detector(detector)
        case let classifier as any MultiLabelClassifier: self = .multiLabel(classifier)
        case let clusterer as any Clusterer: self = .clusterer(clusterer)
        case let transformer as any Transformer: self = .transformer(transformer)
        default: throw Uncovered("a model with neither predict nor transform")
        }
    }
}

/// What one block of rows gave; blocks are joined before they become tensors.
private struct Answer {
    var probabilities: Matrix?
    var labels: Tensor.Storage?
    /// nil: one label a row.
    var labelColumns: Int?
    var values: Matrix?
    var isColumn = false
    var clusters: [Int]?

    mutating func append(_ other: Answer) {
        probabilities = Self.joined(probabilities, other.probabilities)
        values = Self.joined(values, other.values)
        labels = labels.flatMap { one in other.labels.flatMap { Tensor.Storage.joined([one, $0]) } }
        clusters = clusters.flatMap { one in other.clusters.map { one + $0 } }
    }

    private static func joined(_ one: Matrix?, _ other: Matrix?) -> Matrix? {
        guard let one, let other else { return nil }
        return Matrix(rows: one.rows + other.rows, columns: one.columns, values: one.values + other.values)
    }

    func tensors(rows: Int) -> [Tensor] {
        var tensors: [Tensor] = []
        if let probabilities {
            tensors.append(Tensor(name: OutputName.probabilities.rawValue, shape: [rows, probabilities.columns], storage: .float64(probabilities.values)))
        }
        if let labels {
            tensors.append(Tensor(name: OutputName.labels.rawValue, shape: labelColumns.map { [rows, $0] } ?? [rows], storage: labels))
        }
        if let values {
            tensors.append(Tensor(name: OutputName.values.rawValue, shape: isColumn ? [rows] : [rows, values.columns], storage: .float64(values.values)))
        }
        if let clusters {
            tensors.append(Tensor(name: OutputName.values.rawValue, shape: [rows], storage: .int64(clusters.map(Int64.init))))
        }
        return tensors
    }
}
