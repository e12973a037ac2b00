import Domain

/// The labels of a classifier by their index, in the form that answers carry.
struct LabelTable: Sendable {
    private let labels: Tensor.Storage

    init(_ classes: [Label]) {
        labels = Self.storage(classes)
    }

    /// - Throws: ``EvaluationFailure`` when there is no such class.
    func storage(of indices: [Int]) throws -> Tensor.Storage {
        guard indices.allSatisfy({ $0 >= 0 && $0 < labels.count }) else { throw EvaluationFailure("The model answers a class that it does not have.") }
        return switch labels {
        case .int64(let labels): .int64(indices.map { labels[$0] })
        case .uint64(let labels): .uint64(indices.map { labels[$0] })
        case .float64(let labels): .float64(indices.map { labels[$0] })
        case .bool(let labels): .bool(indices.map { labels[$0] })
        case .strings(let labels): .strings(indices.map { labels[$0] })
        case .json(let labels): .json(indices.map { labels[$0] })
        }
    }

    /// Labels of one kind; numbers beside whole numbers are numbers.
    static func storage(_ labels: [Label]) -> Tensor.Storage {
        switch labels.first {
        case .int where labels.allSatisfy({ if case .int = $0 { true } else { false } }): .int64(labels.map { Int64($0.number ?? 0) })
        case .int, .double: .float64(labels.map { $0.number ?? .nan })
        case .bool: .bool(labels.map { $0.number == 1 })
        case .text, nil: .strings(labels.map { label in if case .text(let text) = label { text } else { nil } })
        }
    }
}
