internal import JSON

/// The words of a prediction's request and answer.
package enum PredictDialect: Sendable {
    /// `data`, answered by `prediction`.
    case hosting
    /// `data` or `inputData`, answered by these and by `predictions`, `processingTime` in milliseconds and `status` as well.
    case serving

    /// What a body of the serving dialect may name beside its rows; nil members where it does not, or is no JSON.
    package struct Envelope: Sendable {
        package private(set) var modelID: String?
        package private(set) var apiKey: String?
        private var rows: Range<Int>?

        package init(_ bytes: [UInt8]) {
            var scanner = JSONScanner(bytes)
            do throws(JSONFault) { try scanner.object({ (scanner, key) throws(JSONFault) in try read(&scanner, key) }, mapping: { $0 }) } catch {}
        }

        /// The same rows without the key, so that it is kept nowhere.
        package func withoutKey(_ bytes: [UInt8]) -> [UInt8] {
            guard apiKey != nil, let rows else { return bytes }
            return Array("{\"data\":".utf8) + bytes[rows] + Array("}".utf8)
        }

        private mutating func read(_ scanner: inout JSONScanner, _ key: JSONText) throws(JSONFault) {
            let name = try scanner.string(key)
            switch name {
            case "modelId" where scanner.peek() == UInt8(ascii: "\""): modelID = try scanner.string(try scanner.text())
            case "apiKey" where scanner.peek() == UInt8(ascii: "\""): apiKey = try scanner.string(try scanner.text())
            default:
                let range = try scanner.skipValue()
                if name == "data" || name == "inputData" { rows = range }
            }
        }
    }
}
