import Formats

/// The score of a binary member: its decision, else the probability of its second class.
private func score(_ member: any Classifier, _ rows: Rows) throws -> [Double] {
    if let decision = try member.decision(rows) { return decision.column(0) }
    return try member.probabilities(rows).column(1)
}

/// One binary classifier for each class.
struct OneVersusRestClassifier: Classifier {
    let classes: [Label]
    private let members: [any Classifier]

    init(_ attributes: Attributes) throws {
        guard case .object(let binarizer) = try attributes.value("label_binarizer_"), let value = binarizer.attributes["classes_"],
            let classes = Attributes.labels(value), binarizer.attributes["y_type_"]?.string.map({ !$0.hasPrefix("multilabel") }) ?? false
        else { throw attributes.uncovered("several labels a row") }
        self.classes = classes
        members = try Members.classifiers(attributes, "estimators_")
        guard members.count == (classes.count == 2 ? 1 : classes.count), members.allSatisfy({ $0.classes.count == 2 }) else { throw attributes.uncovered("estimators_") }
    }

    var givesProbabilities: Bool { members[0].givesProbabilities }

    func probabilities(_ rows: Rows) throws -> Matrix {
        let columns = try members.map { try $0.probabilities(rows).column(1) }
        if columns.count == 1 { return Functions.normalized(Functions.binary(Matrix(column: columns[0]))) }
        return Functions.normalized(.concatenated(columns.map { Matrix(column: $0) }, rows: rows.count))
    }

    func decision(_ rows: Rows) throws -> Matrix? {
        let columns = try members.map { try $0.decision(rows) }
        guard columns.allSatisfy({ $0 != nil }) else { return nil }
        return .concatenated(columns.compactMap { $0?.columns([0]) }, rows: rows.count)
    }

    func predict(_ rows: Rows) throws -> [Int] {
        if members.count == 1 {
            let threshold = try members[0].decision(rows) == nil ? 0.5 : 0
            return try score(members[0], rows).map { $0 > threshold ? 1 : 0 }
        }
        // Of equal scores the last one wins here.
        var best = [Int](repeating: 0, count: rows.count)
        var largest = [Double](repeating: -.infinity, count: rows.count)
        for (index, member) in members.enumerated() {
            for (row, score) in try score(member, rows).enumerated() where score >= largest[row] {
                largest[row] = score
                best[row] = index
            }
        }
        return best
    }
}

/// One binary classifier for each pair of classes.
struct OneVersusOneClassifier: Classifier {
    let classes: [Label]
    private let members: [any Classifier]

    init(_ attributes: Attributes) throws {
        classes = try attributes.labels("classes_")
        members = try Members.classifiers(attributes, "estimators_")
        guard members.count == classes.count * (classes.count - 1) / 2, !attributes.has("pairwise_indices_"),
            members.allSatisfy({ $0.classes == [.int(0), .int(1)] })
        else { throw attributes.uncovered("estimators_") }
    }

    var givesProbabilities: Bool { false }

    func probabilities(_ rows: Rows) throws -> Matrix { throw EvaluationFailure("OneVsOneClassifier has no predict_proba") }

    func decision(_ rows: Rows) throws -> Matrix? {
        var votes = Matrix(rows: rows.count, columns: members.count)
        var confidences = votes
        for (index, member) in members.enumerated() {
            for (row, winner) in try member.predict(rows).enumerated() { votes[row, index] = Double(winner) }
            for (row, score) in try score(member, rows).enumerated() { confidences[row, index] = score }
        }
        let scores = OneVersusOne.scores(confidences, votes: votes, classes: classes.count)
        return classes.count == 2 ? scores.columns([1]) : scores
    }

    func predict(_ rows: Rows) throws -> [Int] {
        guard let scores = try decision(rows) else { return [] }
        guard classes.count == 2 else { return scores.argmax() }
        let threshold = try members[0].decision(rows) == nil ? 0.5 : 0
        return scores.values.map { $0 > threshold ? 1 : 0 }
    }
}
