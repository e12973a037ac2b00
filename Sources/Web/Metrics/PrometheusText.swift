/// Writes the text format of Prometheus: https://prometheus.io/docs/instrumenting/exposition_formats/
struct PrometheusText {
    enum Kind: String {
        case counter, gauge, histogram
        /// For names that end as a counter's, and are none.
        case untyped
    }

    private(set) var text = ""

    mutating func family(_ name: String, _ kind: Kind, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
    }

    mutating func sample(_ name: String, _ labels: [(String, String)] = [], _ value: Double) {
        let pairs = labels.map { "\($0.0)=\"\(Self.escaped($0.1))\"" }.joined(separator: ",")
        let number = value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
        text += "\(name)\(pairs.isEmpty ? "" : "{\(pairs)}") \(number)\n"
    }

    mutating func sample(_ name: String, _ labels: [(String, String)] = [], _ value: Int) {
        sample(name, labels, Double(value))
    }

    private static func escaped(_ value: String) -> String {
        // By scalars: a quote with an accent on it is one character, and a quote all the same.
        value.unicodeScalars.reduce(into: "") { text, scalar in
            switch scalar {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.unicodeScalars.append(scalar)
            }
        }
    }
}
