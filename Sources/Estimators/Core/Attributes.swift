import Formats

/// Reads what a library set on a fitted estimator; a missing or unexpected attribute makes the model uncovered, never a guess.
struct Attributes {
    let object: FittedObject
    let version: LibraryVersion
    let builder: EstimatorBuilder

    var typeName: String { object.typeName }

    func uncovered(_ what: String) -> Uncovered { Uncovered("\(object.typeName): \(what)") }

    func value(_ name: String) throws -> FittedValue {
        guard let value = object.attributes[name] else { throw uncovered("no \(name)") }
        return value
    }

    func has(_ name: String) -> Bool {
        switch object.attributes[name] {
        case nil, FittedValue.none?: false
        default: true
        }
    }

    func number(_ name: String) throws -> Double {
        guard let number = try value(name).number else { throw uncovered("\(name) is no number") }
        return number
    }

    func integer(_ name: String) throws -> Int {
        guard let number = try value(name).integer else { throw uncovered("\(name) is no integer") }
        return number
    }

    /// A number of columns, outputs or members, 0 to 16 million.
    func count(_ name: String) throws -> Int {
        let number = try integer(name)
        guard (0...1 << 24).contains(number) else { throw uncovered("\(name)=\(number)") }
        return number
    }

    func flag(_ name: String) throws -> Bool {
        switch try value(name) {
        case .bool(let flag): return flag
        case let other:
            guard let number = other.integer, number == 0 || number == 1 else { throw uncovered("\(name) is no boolean") }
            return number == 1
        }
    }

    /// A flag that older versions of the library do not have.
    func flag(_ name: String, default standard: Bool) throws -> Bool { object.attributes[name] == nil ? standard : try flag(name) }

    func text(_ name: String) throws -> String {
        guard let text = try value(name).string else { throw uncovered("\(name) is no text") }
        return text
    }

    /// A text; nil when the attribute is another thing or is not there.
    func optionalText(_ name: String) -> String? { object.attributes[name]?.string }

    func array(_ name: String) throws -> FittedArray {
        guard case .array(let array) = try value(name) else { throw uncovered("\(name) is no array") }
        return array
    }

    /// Numbers of an array or list of any shape, in row-major order; a single number is a list of one.
    func numbers(_ name: String) throws -> [Double] {
        guard let numbers = Self.numbers(try value(name)) else { throw uncovered("\(name) holds no numbers") }
        return numbers
    }

    func integers(_ name: String) throws -> [Int] {
        let value = try value(name)
        if case .array(let array) = value, let integers = array.integers { return integers }
        guard let items = Self.items(value) else { throw uncovered("\(name) holds no integers") }
        let integers = items.compactMap(\.integer)
        guard integers.count == items.count else { throw uncovered("\(name) holds no integers") }
        return integers
    }

    /// A matrix; a list of numbers becomes one row.
    func matrix(_ name: String) throws -> Matrix {
        guard let matrix = Self.matrix(try value(name)) else { throw uncovered("\(name) is no matrix") }
        return matrix
    }

    /// Items of a list, tuple or array.
    func items(_ name: String) throws -> [FittedValue] {
        guard let items = Self.items(try value(name)) else { throw uncovered("\(name) is no list") }
        return items
    }

    func estimator(_ name: String) throws -> any FittedEstimator { try builder.build(try value(name), within: version) }

    func labels(_ name: String) throws -> [Label] {
        guard let labels = Self.labels(try value(name)) else { throw uncovered("\(name) are no labels of one kind") }
        return labels
    }

    /// The number of columns that the estimator was fitted on.
    var featureCount: Int? { object.attributes["n_features_in_"]?.integer }

    /// The entries of a dictionary with text keys, read like attributes.
    func members(_ name: String) throws -> Attributes {
        guard let members = Self.members(try value(name), of: self) else { throw uncovered("\(name) is no dictionary") }
        return members
    }

    // MARK: - Values

    static func members(_ value: FittedValue, of owner: Attributes) -> Attributes? {
        guard case .dictionary(let entries) = value else { return nil }
        let members = entries.reduce(into: [String: FittedValue]()) { map, entry in
            if let key = entry.key.string { map[key] = entry.value }
        }
        return Attributes(
            object: FittedObject(className: owner.object.className, arguments: [], attributes: members), version: owner.version, builder: owner.builder)
    }

    static func items(_ value: FittedValue) -> [FittedValue]? {
        switch value {
        case .list(let items): items
        case .numbers(let numbers): numbers.map(FittedValue.float)
        case .array(let array) where !array.shape.isEmpty: array.objects
        default: nil
        }
    }

    static func numbers(_ value: FittedValue) -> [Double]? {
        switch value {
        case .array(let array): return array.doubles
        case .numbers(let numbers): return numbers
        case .list(let items):
            let numbers = items.compactMap(\.number)
            return numbers.count == items.count ? numbers : nil
        default: return value.number.map { [$0] }
        }
    }

    static func matrix(_ value: FittedValue) -> Matrix? {
        switch value {
        case .array(let array):
            guard let numbers = array.doubles else { return nil }
            switch array.shape.count {
            case 0: return Matrix(rows: 1, columns: 1, values: numbers)
            case 1: return Matrix(rows: 1, columns: array.shape[0], values: numbers)
            case 2: return Matrix(rows: array.shape[0], columns: array.shape[1], values: numbers)
            default: return nil
            }
        default: return numbers(value).map { Matrix(rows: 1, columns: $0.count, values: $0) }
        }
    }

    static func labels(_ value: FittedValue) -> [Label]? {
        guard let items = items(value) else { return nil }
        let labels = items.compactMap(label)
        guard labels.count == items.count else { return nil }
        return labels
    }

    static func label(_ value: FittedValue) -> Label? {
        switch value {
        case .bool(let flag): .bool(flag)
        case .int(let number): .int(number)
        case .float(let number): .double(number)
        case .string(let text): .text(text)
        case .array(let array) where array.shape.isEmpty: array.objects.first.flatMap(label)
        default: nil
        }
    }
}

/// Major and minor number of a library's version.
struct LibraryVersion: Sendable, Comparable {
    let major: Int
    let minor: Int

    init(_ major: Int, _ minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// - Returns: nil for a text that is no version.
    init?(_ text: String) {
        let parts = text.split(separator: ".").prefix(2).map { Int($0) }
        guard parts.count == 2, let major = parts[0], let minor = parts[1] else { return nil }
        self.init(major, minor)
    }

    static func < (one: LibraryVersion, other: LibraryVersion) -> Bool { (one.major, one.minor) < (other.major, other.minor) }
}
