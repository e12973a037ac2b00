internal import Glibc

/// Fully connected layers with one activation between them.
///
/// Source: https://github.com/scikit-learn/scikit-learn/blob/main/sklearn/neural_network/_multilayer_perceptron.py
struct MultilayerPerceptron: Sendable {
    private enum Activation: String, Sendable {
        case identity, logistic, tanh, relu, softmax
    }

    private let layers: [LinearMap]
    private let hidden: Activation
    private let output: Activation

    init(_ attributes: Attributes) throws {
        let weights = try attributes.items("coefs_")
        let intercepts = try attributes.items("intercepts_")
        guard weights.count == intercepts.count, !weights.isEmpty, let hidden = Activation(rawValue: try attributes.text("activation")),
            let output = Activation(rawValue: try attributes.text("out_activation_"))
        else { throw attributes.uncovered("activation") }
        (self.hidden, self.output) = (hidden, output)
        layers = try zip(weights, intercepts).map { weight, intercept in
            guard let matrix = Attributes.matrix(weight), let bias = Attributes.numbers(intercept) else { throw attributes.uncovered("coefs_") }
            return try LinearMap(weights: .transposed(matrix), intercepts: bias, of: attributes.typeName)
        }
        guard zip(layers, layers.dropFirst()).allSatisfy({ $0.weights.rows == $1.columns }) else { throw attributes.uncovered("layers that do not fit together") }
    }

    var outputs: Int { layers[layers.count - 1].weights.rows }

    func apply(_ rows: Rows) throws -> Matrix {
        var values = try rows.finite(columns: layers[0].columns)
        for (index, layer) in layers.enumerated() {
            values = try layer.apply(values)
            activate(&values, index == layers.count - 1 ? output : hidden)
        }
        return values
    }

    private func activate(_ matrix: inout Matrix, _ activation: Activation) {
        switch activation {
        case .identity: break
        case .logistic: for index in matrix.values.indices { matrix.values[index] = Functions.expit(matrix.values[index]) }
        case .tanh: for index in matrix.values.indices { matrix.values[index] = Glibc.tanh(matrix.values[index]) }
        case .relu: for index in matrix.values.indices { matrix.values[index] = max(matrix.values[index], 0) }
        case .softmax: matrix = Functions.softmax(matrix)
        }
    }
}

struct PerceptronClassifier: Classifier {
    let classes: [Label]
    private let network: MultilayerPerceptron

    init(_ attributes: Attributes) throws {
        classes = try attributes.labels("classes_")
        network = try MultilayerPerceptron(attributes)
        guard network.outputs == (classes.count == 2 ? 1 : classes.count), attributes.optionalText("out_activation_") != "identity" else {
            throw attributes.uncovered("\(network.outputs) outputs for \(classes.count) classes")
        }
        guard classes.count == 2 || attributes.optionalText("out_activation_") == "softmax" else { throw attributes.uncovered("several labels a row") }
    }

    var givesProbabilities: Bool { true }

    func answer(_ rows: Rows) throws -> (classes: [Int], probabilities: Matrix?) {
        let outputs = try network.apply(rows)
        return (classes(of: outputs), outputs.columns == 1 ? Functions.binary(outputs) : outputs)
    }

    func predict(_ rows: Rows) throws -> [Int] { classes(of: try network.apply(rows)) }

    private func classes(of outputs: Matrix) -> [Int] {
        outputs.columns == 1 ? outputs.values.map { $0 > 0.5 ? 1 : 0 } : outputs.argmax()
    }

    func probabilities(_ rows: Rows) throws -> Matrix {
        let outputs = try network.apply(rows)
        return outputs.columns == 1 ? Functions.binary(outputs) : outputs
    }
}

struct PerceptronRegressor: Regressor {
    private let network: MultilayerPerceptron

    init(_ attributes: Attributes) throws {
        network = try MultilayerPerceptron(attributes)
    }

    func values(_ rows: Rows) throws -> Matrix { try network.apply(rows) }
}

extension EstimatorBuilder {
    static let networks: [String: Make] = [
        "sklearn.MLPClassifier": { try PerceptronClassifier($0) },
        "sklearn.MLPRegressor": { try PerceptronRegressor($0) },
    ]
}
