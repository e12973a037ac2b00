internal import ArgumentParser
internal import Domain
internal import Estimators
internal import Files
internal import Foundation
internal import Formats

/// `martlet evaluate`: whether a model is evaluated in Swift, what it answers, and how fast.
struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate", abstract: "Evaluate a classical model on rows, without Python and without a server.",
        discussion: "Exit status: 0 evaluated, 1 the model is not covered and would be served by Python, 2 the rows or the file cannot be used."
    )

    @Argument(help: "A model file that a scan passes: pickle, joblib, XGBoost or LightGBM.")
    var file: String

    @Option(help: "A JSON file with an array of rows, each an array in the order of the model's columns.")
    var rows: String

    @Option(help: "Evaluate so many times and print the median time in microseconds instead of the answers.")
    var `repeat`: Int?

    func run() throws {
        let scanned = try ArtifactScanner().scan(try FileBytes(path: file))
        if let worst = scanned.findings.first(where: { $0.severity >= .high }) {
            try fail("The file does not pass its scan: \(worst.found). hint: martlet scan \(file)", code: 2)
        }
        let evaluator: Evaluator
        do {
            evaluator = try Evaluator(try FittedModelReader().read(try FileBytes(path: file), format: scanned.format))
        } catch let error as Uncovered {
            return try fail("Not evaluated in Swift: \(error.what).", code: 1)
        } catch let error as FittedModelReader.Unreadable {
            return try fail("Not evaluated in Swift: \(error.reason).", code: 1)
        }
        do {
            let request = try Self.request(try JSONDecoder().decode([[JSONValue]].self, from: Data(contentsOf: URL(fileURLWithPath: rows))))
            if let count = `repeat` { return print(try Self.median(evaluator, request, count)) }
            for output in try evaluator.predict(request).outputs { print("\(output.name) \(output.shape): \(output.storage)") }
        } catch {
            try fail("The rows cannot be evaluated: \(error)", code: 2)
        }
    }

    private func fail(_ message: String, code: Int32) throws {
        FileHandle.standardError.write(Data((message + "\n").utf8))
        throw ExitCode(code)
    }

    private static func median(_ evaluator: Evaluator, _ request: InferenceRequest, _ count: Int) throws -> Double {
        let clock = ContinuousClock()
        let times = try (0..<max(1, count)).map { _ in try clock.measure { _ = try evaluator.predict(request) }.milliseconds * 1000 }
        return times.sorted()[times.count / 2]
    }

    /// One matrix when all values are numbers, else a column for each place of the rows.
    private static func request(_ rows: [[JSONValue]]) throws -> InferenceRequest {
        guard let width = rows.first?.count, rows.allSatisfy({ $0.count == width }) else { throw PlatformError(.invalidInput, "Expected rows of one length.") }
        let isText = (0..<width).map { column in rows.contains { $0[column].stringValue != nil } }
        guard isText.contains(true) else {
            return InferenceRequest(
                rows: rows.count, inputs: [Tensor(name: "input", shape: [rows.count, width], storage: .float64(rows.flatMap { $0.map { $0.doubleValue ?? .nan } }))])
        }
        let columns = (0..<width).map { column in
            Tensor(
                name: "\(column)", shape: [rows.count],
                storage: isText[column] ? .strings(rows.map { $0[column].stringValue }) : .float64(rows.map { $0[column].doubleValue ?? .nan }))
        }
        return InferenceRequest(rows: rows.count, inputs: columns)
    }
}
