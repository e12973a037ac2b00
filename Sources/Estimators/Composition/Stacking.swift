import Formats

/// The answers of several members as columns for a last estimator.
private struct StackedColumns: Sendable {
    private let members: [(estimator: any FittedEstimator, method: String)]
    private let passesThrough: Bool

    init(_ attributes: Attributes) throws {
        let methods = try attributes.items("stack_method_").compactMap(\.string)
        let estimators = try attributes.items("estimators_").map { try attributes.builder.build($0, within: attributes.version) }
        guard methods.count == estimators.count else { throw attributes.uncovered("stack_method_") }
        members = Array(zip(estimators, methods)).map { ($0.0, $0.1) }
        passesThrough = try attributes.flag("passthrough")
    }

    func columns(_ rows: Rows) throws -> Rows {
        var parts: [Rows] = []
        for member in members { parts.append(.matrix(try answer(member.estimator, member.method, rows))) }
        if passesThrough { parts.append(rows) }
        return try .concatenated(parts, rows: rows.count)
    }

    private func answer(_ estimator: any FittedEstimator, _ method: String, _ rows: Rows) throws -> Matrix {
        switch (estimator, method) {
        case (let member as any Classifier, "predict_proba") where member.givesProbabilities:
            let probabilities = try member.probabilities(rows)
            return member.classes.count == 2 ? probabilities.columns([1]) : probabilities
        case (let member as any Classifier, "decision_function"):
            guard let scores = try member.decision(rows) else { break }
            return scores
        case (let member as any Classifier, "predict"):
            return Matrix(column: try member.predict(rows).map { try number(member.classes[$0]) })
        case (let member as any Regressor, "predict"): return try member.values(rows)
        default: break
        }
        throw EvaluationFailure("a member of the stack has no \(method)")
    }

    private func number(_ label: Label) throws -> Double {
        guard let number = label.number else { throw EvaluationFailure("a member of the stack answers with text") }
        return number
    }
}

struct StackingClassifier: Classifier {
    let classes: [Label]
    private let stack: StackedColumns
    private let last: any Classifier

    init(_ attributes: Attributes) throws {
        classes = try attributes.labels("classes_")
        stack = try StackedColumns(attributes)
        guard let last = try attributes.estimator("final_estimator_") as? any Classifier, last.classes == classes.indices.map(Label.int) || last.classes == classes else {
            throw attributes.uncovered("final_estimator_")
        }
        self.last = last
    }

    var givesProbabilities: Bool { last.givesProbabilities }
    func probabilities(_ rows: Rows) throws -> Matrix { try last.probabilities(try stack.columns(rows)) }
    func decision(_ rows: Rows) throws -> Matrix? { try last.decision(try stack.columns(rows)) }
    func predict(_ rows: Rows) throws -> [Int] { try last.predict(try stack.columns(rows)) }
    func answer(_ rows: Rows) throws -> (classes: [Int], probabilities: Matrix?) { try last.answer(try stack.columns(rows)) }
}

struct StackingRegressor: Regressor {
    private let stack: StackedColumns
    private let last: any Regressor

    init(_ attributes: Attributes) throws {
        stack = try StackedColumns(attributes)
        guard let last = try attributes.estimator("final_estimator_") as? any Regressor else { throw attributes.uncovered("final_estimator_") }
        self.last = last
    }

    func values(_ rows: Rows) throws -> Matrix { try last.values(try stack.columns(rows)) }
}
