import Domain
import Files
import Foundation

@testable import Estimators
@testable import Formats

/// A model that its library fitted, rows, and what the library answered: written by `scripts/make_estimator_truth.py`.
struct TruthCase: Sendable {
    struct Description: Decodable {
        struct Input: Decodable {
            let name: String
            let kind: String
            let values: [String?]?
        }

        struct Output: Decodable {
            let method: String
            let shape: [Int]
            /// Whether the library computed in 32 bits.
            let single: Bool
            let texts: [String]?
        }

        let name: String
        let format: String
        let rows: Int
        let width: Int?
        let columns: [Input]?
        let outputs: [Output]
    }

    let description: Description
    let rows: Rows
    let numbers: [String: [Double]]
    /// Where the model is read from.
    private let model: (path: String, format: ModelFormat)

    /// - Parameter isSkops: Whether the model is read from the file that skops wrote, and not from the pickle.
    init(_ file: URL, isSkops: Bool = false) throws {
        description = try JSONDecoder().decode(Description.self, from: Data(contentsOf: file))
        model =
            isSkops
            ? (file.deletingPathExtension().appendingPathExtension("skops").path, .skops)
            : (file.deletingPathExtension().appendingPathExtension("model").path, ModelFormat(rawValue: description.format) ?? .pickle)
        let raw = [UInt8](try Data(contentsOf: file.deletingPathExtension().appendingPathExtension("bin")))
        var values = stride(from: 0, to: raw.count, by: 8).map { place in
            Double(bitPattern: (0..<8).reduce(UInt64(0)) { $0 | UInt64(raw[place + $1]) << UInt64($1 * 8) })
        }[...]
        func take(_ count: Int) -> [Double] {
            defer { values = values.dropFirst(count) }
            return Array(values.prefix(count))
        }
        let rows = description.rows
        if let width = description.width {
            self.rows = .matrix(Matrix(rows: rows, columns: width, values: take(rows * width)))
        } else {
            let columns = (description.columns ?? []).map { input -> Column in input.values.map(Column.texts) ?? .numbers(take(rows)) }
            self.rows = Frame(rows: rows, columns: columns).simplified
        }
        var numbers: [String: [Double]] = [:]
        for output in description.outputs where output.texts == nil { numbers[output.method] = take(output.shape.reduce(1, *)) }
        self.numbers = numbers
    }

    /// What the model's file holds.
    func root() throws -> FittedValue {
        try FittedModelReader().read(try FileBytes(path: model.path), format: model.format).root
    }

    func build() throws -> any FittedEstimator { try EstimatorBuilder().build(try root()) }

    /// How the estimator's answers differ from the library's.
    func faults() throws -> [String] {
        let estimator = try build()
        return try description.outputs.compactMap { output in
            if let texts = output.texts { return try fault(inLabels: texts, of: estimator) }
            do {
                guard let found = try answer(estimator, output.method, rows) else { return "\(output.method): not offered" }
                return fault(in: found, output)
            } catch is Undecided {
                return try faultRowByRow(estimator, output)
            }
        }
    }

    /// Where rounding decides, the estimator must say so; most rows have an answer all the same.
    private func faultRowByRow(_ estimator: any FittedEstimator, _ output: Description.Output) throws -> String? {
        let width = output.shape.dropFirst().reduce(1, *)
        var found = numbers[output.method] ?? []
        var undecided = 0
        for row in 0..<description.rows {
            do {
                let part = try answer(estimator, output.method, rows.rows(row..<row + 1)) ?? []
                found.replaceSubrange(row * width..<(row + 1) * width, with: part)
            } catch is Undecided {
                undecided += 1
            }
        }
        return undecided * 5 > description.rows ? "\(output.method): \(undecided) of \(description.rows) rows undecided" : fault(in: found, output)
    }

    private func answer(_ estimator: any FittedEstimator, _ method: String, _ rows: Rows) throws -> [Double]? {
        switch (method, estimator) {
        case ("predict", let model as any Classifier): return try model.predict(rows).compactMap { model.classes[$0].number }
        case ("predict", let model as any Regressor): return try model.values(rows).values
        case ("predict", let model as any OutlierDetector): return try model.predict(rows).map(Double.init)
        case ("predict", let model as any MultiLabelClassifier): return try model.labels(rows).flatMap { $0.compactMap(\.number) }
        case ("predict", let model as any Clusterer): return try model.clusters(rows).map(Double.init)
        case ("predict_proba", let model as any Classifier): return model.givesProbabilities ? try model.probabilities(rows).values : nil
        case ("decision_function", let model as any Classifier): return try model.decision(rows)?.values
        case ("decision_function", let model as any OutlierDetector): return try model.decision(rows)
        case ("transform", let model as any Transformer): return try model.transform(rows).matrix().values
        default: return nil
        }
    }

    private func fault(inLabels texts: [String], of estimator: any FittedEstimator) throws -> String? {
        guard let classifier = estimator as? any Classifier else { return "predict: no labels" }
        var (wrong, undecided) = (0, 0)
        for (row, expected) in texts.enumerated() {
            do {
                let label = classifier.classes[try classifier.predict(rows.rows(row..<row + 1))[0]]
                if label != .text(expected) { wrong += 1 }
            } catch is Undecided {
                undecided += 1
            }
        }
        return wrong == 0 && undecided * 5 <= texts.count ? nil : "predict: \(wrong) of \(texts.count) labels differ, \(undecided) are undecided"
    }

    /// Labels must be equal; numbers may differ by 1e-12 of their own size or that of the output's largest one, by 1e-6 where
    /// the library itself computes in 32 bits.
    private func fault(in found: [Double], _ output: Description.Output) -> String? {
        let truth = numbers[output.method] ?? []
        guard found.count == truth.count else { return "\(output.method): \(found.count) numbers, expected \(truth.count)" }
        let largest = truth.reduce(0) { $1.isFinite ? max($0, abs($1)) : $0 }
        let tolerance = output.single ? 1e-6 : 1e-12
        var worst = (error: 0.0, index: -1)
        for (index, (one, other)) in zip(found, truth).enumerated() where one != other && !(one.isNaN && other.isNaN) {
            let error = abs(one - other) / max(abs(other), largest)
            if !(error <= worst.error) { worst = (error.isNaN ? .infinity : error, index) }
        }
        guard worst.index >= 0, worst.error > tolerance else { return nil }
        return "\(output.method): \(found[worst.index]) at \(worst.index), expected \(truth[worst.index]) (error \(worst.error))"
    }
}
