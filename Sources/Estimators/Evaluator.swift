package import Domain
package import Formats

/// A classical model evaluated here, exactly as its library would: no Python, no code of the model.
///
/// Computes: a large batch belongs on a thread pool.
package struct Evaluator: Sendable {
    /// Numbers that the rows of one block may hold between two steps, 16 MiB.
    private static let blockNumbers = 2 << 20

    private let estimator: any FittedEstimator
    private let blockRows: Int

    /// - Parameter model: What ``FittedModelReader`` read.
    /// - Throws: ``Uncovered`` with the name of the first class or option that is not evaluated here.
    package init(_ model: FittedValue) throws {
        let notes = EstimatorBuilder.Notes()
        self.init(try EstimatorBuilder(notes).build(model), widest: notes.widest)
    }

    init(_ estimator: any FittedEstimator, widest: Int) {
        self.estimator = estimator
        blockRows = max(1, min(4096, Self.blockNumbers / max(1, widest)))
    }

    /// - Parameter request: One matrix `input`, or columns in the order of the signature.
    /// - Returns: `probabilities` and `labels` of a classifier, `values` of the others.
    /// - Throws: ``EvaluationFailure`` where the library would raise an error.
    package func predict(_ request: InferenceRequest) throws -> InferenceResponse {
        let start = ContinuousClock.now
        let rows = try Self.rows(request)
        var answer: Answer?
        for first in stride(from: 0, to: request.rows, by: blockRows) {
            let block = blockRows >= request.rows ? rows : rows.rows(first..<min(request.rows, first + blockRows))
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
        switch estimator {
        case let classifier as any Classifier:
            let labels = try classifier.predict(rows).map { classifier.classes[$0] }
            return Answer(probabilities: classifier.givesProbabilities ? try classifier.probabilities(rows) : nil, labels: labels, labelColumns: 1)
        case let regressor as any Regressor:
            let values = try regressor.values(rows)
            return Answer(values: values, isColumn: values.columns == 1 && !regressor.keepsTargetAxis)
        case let detector as any OutlierDetector: return Answer(labels: try detector.predict(rows).map(Label.int), labelColumns: 1)
        case let classifier as any MultiLabelClassifier:
            let labels = try classifier.labels(rows)
            return Answer(labels: labels.flatMap(\.self), labelColumns: labels.first?.count ?? 0, isTable: true)
        case let clusterer as any Clusterer: return Answer(clusters: try clusterer.clusters(rows))
        case let transformer as any Transformer: return Answer(values: try transformer.transform(rows).matrix(), isColumn: false)
        default: throw EvaluationFailure("The model has neither predict nor transform.")
        }
    }
}

/// What one block of rows gave; blocks are joined before they become tensors.
private struct Answer {
    var probabilities: Matrix?
    var labels: [Label]?
    var labelColumns = 1
    var isTable = false
    var values: Matrix?
    var isColumn = false
    var clusters: [Int]?

    mutating func append(_ other: Answer) {
        probabilities = Self.joined(probabilities, other.probabilities)
        values = Self.joined(values, other.values)
        labels = labels.flatMap { one in other.labels.map { one + $0 } }
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
            tensors.append(Tensor(name: OutputName.labels.rawValue, shape: isTable ? [rows, labelColumns] : [rows], storage: Self.storage(labels)))
        }
        if let values {
            tensors.append(Tensor(name: OutputName.values.rawValue, shape: isColumn ? [rows] : [rows, values.columns], storage: .float64(values.values)))
        }
        if let clusters {
            tensors.append(Tensor(name: OutputName.values.rawValue, shape: [rows], storage: .int64(clusters.map(Int64.init))))
        }
        return tensors
    }

    /// Labels are of one kind, that of the classes.
    private static func storage(_ labels: [Label]) -> Tensor.Storage {
        switch labels.first {
        case .int: .int64(labels.map { Int64($0.number ?? 0) })
        case .double: .float64(labels.map { $0.number ?? .nan })
        case .bool: .bool(labels.map { $0.number == 1 })
        case .text, nil:
            .strings(labels.map { label in if case .text(let text) = label { text } else { nil } })
        }
    }
}
