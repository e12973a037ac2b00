/// Classifiers whose scores are linear: logistic regression, SGD, perceptron, linear SVM, ridge, linear discriminant analysis.
struct LinearClassifier: Classifier {
    /// How scores become probabilities.
    enum Link: Sendable {
        /// One logistic function a class; several classes are normalised.
        case logistic
        /// The softmax of the scores; two classes share one score with opposite signs.
        case softmax
        /// The softmax for several classes, the logistic function for two.
        case discriminant
        case modifiedHuber
        case none
    }

    let classes: [Label]
    let link: Link
    private let map: LinearMap

    init(_ attributes: Attributes, link: Link) throws {
        classes = try attributes.labels("classes_")
        map = try LinearMap(attributes)
        self.link = link
        guard map.weights.rows == (classes.count == 2 ? 1 : classes.count) else {
            throw attributes.uncovered("\(map.weights.rows) rows of coef_ for \(classes.count) classes")
        }
    }

    var givesProbabilities: Bool {
        if case .none = link { false } else { true }
    }

    func decision(_ rows: Rows) throws -> Matrix? { try scores(rows) }

    func predict(_ rows: Rows) throws -> [Int] { Functions.classes(ofScores: try scores(rows)) }

    func answer(_ rows: Rows) throws -> (classes: [Int], probabilities: Matrix?) {
        let scores = try scores(rows)
        return (Functions.classes(ofScores: scores), givesProbabilities ? probabilities(ofScores: scores) : nil)
    }

    func probabilities(_ rows: Rows) throws -> Matrix { probabilities(ofScores: try scores(rows)) }

    private func probabilities(ofScores given: Matrix) -> Matrix {
        var scores = given
        switch link {
        case .discriminant where scores.columns > 1: return Functions.softmax(scores)
        case .softmax:
            guard scores.columns == 1 else { return Functions.softmax(scores) }
            var both = Matrix(rows: scores.rows, columns: 2)
            for row in 0..<scores.rows {
                both[row, 0] = -scores[row, 0]
                both[row, 1] = scores[row, 0]
            }
            return Functions.softmax(both)
        case .modifiedHuber: return modifiedHuber(scores)
        case .logistic, .discriminant, .none:
            for index in scores.values.indices { scores.values[index] = Functions.expit(scores.values[index]) }
            return scores.columns == 1 ? Functions.binary(scores) : Functions.normalized(scores)
        }
    }

    private func scores(_ rows: Rows) throws -> Matrix { try map.apply(try rows.finite(columns: map.columns)) }

    /// Zadrozny and Elkan, "Transforming classifier scores into multiclass probability estimates", 2002.
    private func modifiedHuber(_ scores: Matrix) -> Matrix {
        let clipped = Matrix(rows: scores.rows, columns: scores.columns, values: scores.values.map { (min(max($0, -1), 1) + 1) / 2 })
        guard scores.columns > 1 else { return Functions.binary(clipped) }
        var result = clipped
        for row in 0..<result.rows where result.row(row).reduce(0, +) == 0 {
            for column in 0..<result.columns { result[row, column] = 1 }
        }
        return Functions.normalized(result)
    }
}

extension LinearClassifier {
    /// Logistic regression: since 1.8 always the softmax for several classes; before, by `multi_class` and the solver.
    ///
    /// Source: `LogisticRegression.predict_proba`, https://github.com/scikit-learn/scikit-learn/blob/main/sklearn/linear_model/_logistic.py
    static func logistic(_ attributes: Attributes) throws -> LinearClassifier {
        let classCount = try attributes.labels("classes_").count
        let isBinary = classCount <= 2
        let isLiblinear = attributes.optionalText("solver") == "liblinear"
        let link: Link
        switch attributes.optionalText("multi_class") {
        case "ovr", "warn": link = .logistic
        case "multinomial": link = .softmax
        case "auto", "deprecated", nil: link = isBinary || isLiblinear ? .logistic : .softmax
        case let other?: throw attributes.uncovered("multi_class=\(other)")
        }
        return try LinearClassifier(attributes, link: link)
    }

    static func stochastic(_ attributes: Attributes) throws -> LinearClassifier {
        let link: Link =
            switch try attributes.text("loss") {
            case "log_loss", "log": .logistic
            case "modified_huber": .modifiedHuber
            default: .none
            }
        return try LinearClassifier(attributes, link: link)
    }
}
