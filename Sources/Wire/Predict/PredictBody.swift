package import Domain
internal import JSON

/// Reads the body of a prediction, `{"data": …}` or `{"inputData": …}`, straight into columns.
///
/// A row is an object by feature name, in any order, or an array in the model's order. Every fault is named by its JSON
/// pointer, up to twenty of them.
package struct PredictBody {
    package enum Shape: Sendable {
        /// `data` is one row.
        case single
        /// `data` is an array of rows.
        case batch
    }

    private static let maximumFaults = 20
    private let shape: Shape
    private let table: FeatureTable?
    private let limits: PredictLimits
    private var rows: RowReader
    private var rowCount = 0
    private var jsonRows: [String] = []
    private var hasData = false

    /// - Parameter table: nil when the model takes any JSON.
    package static func parse(_ bytes: [UInt8], _ shape: Shape, table: FeatureTable?, limits: PredictLimits) throws(PlatformError) -> InferenceRequest {
        var body = PredictBody(shape: shape, table: table, limits: limits, rows: RowReader(table))
        var scanner = JSONScanner(bytes)
        try body.read(&scanner)
        return try body.request()
    }

    private mutating func read(_ scanner: inout JSONScanner) throws(PlatformError) {
        try scanner.object(
            { (scanner, key) throws(PlatformError) in
                guard scanner.text(key, equals: Self.data) || scanner.text(key, equals: Self.inputData) else {
                    try Self.skip(&scanner)
                    return
                }
                guard !hasData else { throw PlatformError.field("/data", "given twice") }
                hasData = true
                try readData(&scanner)
            }, mapping: Self.notJSON)
        do throws(JSONFault) { try scanner.expectEnd() } catch { throw Self.notJSON(error) }
        guard hasData else { throw PlatformError.field("/data", "expected the member 'data', found none") }
    }

    private mutating func readData(_ scanner: inout JSONScanner) throws(PlatformError) {
        guard shape == .batch else {
            try readRow(&scanner, at: nil)
            return
        }
        guard scanner.peek() == UInt8(ascii: "[") else { throw PlatformError.field("/data", "expected an array of rows") }
        try scanner.array({ (scanner, index) throws(PlatformError) in try readRow(&scanner, at: index) }, mapping: Self.notJSON)
        guard rowCount > 0 else { throw PlatformError.field("/data", "expected at least one row, found none") }
    }

    private mutating func readRow(_ scanner: inout JSONScanner, at index: Int?) throws(PlatformError) {
        guard rowCount < limits.maximumRows else {
            throw PlatformError(
                .payloadTooLarge, "More than \(limits.maximumRows) rows in one request. hint: send several requests.",
                details: .object(["limit_rows": .int(limits.maximumRows)])
            )
        }
        rowCount += 1
        guard table != nil else {
            do throws(JSONFault) {
                let range = try scanner.skipValue()
                jsonRows.append(String(decoding: scanner.bytes[range], as: UTF8.self))
            } catch { throw Self.notJSON(error) }
            return
        }
        do throws(JSONFault) { try rows.read(&scanner, row: index) } catch { throw Self.notJSON(error) }
        if rows.faults.count >= Self.maximumFaults { throw PlatformError.fields(rows.faults) }
    }

    private consuming func request() throws(PlatformError) -> InferenceRequest {
        guard table != nil else {
            return InferenceRequest(rows: rowCount, inputs: [Tensor(name: "rows", shape: [rowCount], storage: .json(jsonRows))])
        }
        guard rows.faults.isEmpty else { throw PlatformError.fields(rows.faults) }
        return InferenceRequest(rows: rowCount, inputs: rows.tensors(rows: rowCount))
    }

    private static func skip(_ scanner: inout JSONScanner) throws(PlatformError) {
        do throws(JSONFault) { _ = try scanner.skipValue() } catch { throw notJSON(error) }
    }

    private static func notJSON(_ fault: JSONFault) -> PlatformError {
        PlatformError(
            .invalidJSON, "The body is not the JSON expected: \(fault.reason) at byte \(fault.offset).",
            details: .object(["offset": .int(fault.offset)])
        )
    }

    private static let data = Array("data".utf8)
    private static let inputData = Array("inputData".utf8)
}
