/// The tree of values that an XGBoost model file is, in JSON or Universal Binary JSON; arrays of numbers are kept flat.
enum BoosterValue {
    case object([String: BoosterValue])
    case array([BoosterValue])
    case numbers([Double])
    case number(Double)
    case string(String)
    case bool(Bool)
    case null

    subscript(key: String) -> BoosterValue? {
        guard case .object(let members) = self else { return nil }
        return members[key]
    }

    var numbers: [Double]? {
        switch self {
        case .numbers(let numbers): numbers
        case .array(let items) where items.isEmpty: []
        default: nil
        }
    }

    var items: [BoosterValue]? {
        guard case .array(let items) = self else { return nil }
        return items
    }

    /// A number, also one that is written as text, as XGBoost does for parameters.
    var number: Double? {
        switch self {
        case .number(let number): number
        case .string(let text): Double(text)
        default: nil
        }
    }

    var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    static let maximumDepth = 64
    /// Bytes of a model file that are read into memory whole.
    static let maximumBytes: Int64 = 128 << 20
}
