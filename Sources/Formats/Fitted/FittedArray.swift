/// An array of a fitted model as numpy stored it: raw elements, read when they are asked for.
///
/// Source: https://numpy.org/doc/stable/reference/arrays.interface.html
package struct FittedArray: Sendable {
    /// How one element is stored.
    package struct Element: Sendable {
        /// `b` boolean, `i` and `u` integers, `f` real, `U` and `S` text, `V` record, `O` object; others are kept and not read.
        package let kind: Character
        /// Bytes of one element.
        package let size: Int
        package let isBigEndian: Bool
        /// Fields of a record.
        package let fields: [Field]

        package init(kind: Character, size: Int, isBigEndian: Bool = false, fields: [Field] = []) {
            self.kind = kind
            self.size = size
            self.isBigEndian = isBigEndian
            self.fields = fields
        }
    }

    /// A field of a record.
    package struct Field: Sendable {
        package let name: String
        /// Bytes from the record's beginning.
        package let offset: Int
        package let element: Element

        package init(name: String, offset: Int, element: Element) {
            self.name = name
            self.offset = offset
            self.element = element
        }
    }

    package let element: Element
    /// Extents; empty for a scalar.
    package let shape: [Int]
    /// Whether the first index runs fastest in memory.
    let isFortranOrdered: Bool
    let bytes: [UInt8]
    private let stored: [FittedValue]
    /// Bytes from one element to the next, and of the first.
    private let stride: Int
    private let start: Int

    package var count: Int { shape.reduce(1, *) }

    /// - Returns: nil when the bytes do not fill the shape.
    init?(element: Element, shape: [Int], isFortranOrdered: Bool, bytes: [UInt8]) {
        guard element.size > 0, let count = Self.product(shape), count.multipliedReportingOverflow(by: element.size) == (bytes.count, false) else { return nil }
        self.init(element: element, shape: shape, isFortranOrdered: isFortranOrdered, bytes: bytes, stored: [], stride: element.size, start: 0)
    }

    /// An array of objects.
    /// - Returns: nil when there are more or fewer of them than the shape says.
    init?(objects: [FittedValue], shape: [Int], isFortranOrdered: Bool) {
        guard Self.product(shape) == objects.count else { return nil }
        self.init(
            element: Element(kind: "O", size: 8), shape: shape, isFortranOrdered: isFortranOrdered, bytes: [], stored: objects, stride: 8, start: 0)
    }

    private init(element: Element, shape: [Int], isFortranOrdered: Bool, bytes: [UInt8], stored: [FittedValue], stride: Int, start: Int) {
        self.element = element
        self.shape = shape
        self.isFortranOrdered = isFortranOrdered
        self.bytes = bytes
        self.stored = stored
        self.stride = stride
        self.start = start
    }

    /// Numbers in row-major order; booleans are 0 and 1.
    /// - Returns: nil when the elements are no numbers.
    package var doubles: [Double]? {
        switch (element.kind, element.size) {
        case ("f", 8): read { Double(bitPattern: $0) }
        case ("f", 4): read { Double(Float(bitPattern: UInt32(truncatingIfNeeded: $0))) }
        case ("f", 2): read { Double(Float16(bitPattern: UInt16(truncatingIfNeeded: $0))) }
        case ("O", _): all(objects.map(\.number))
        default: integers.map { $0.map(Double.init) }
        }
    }

    /// Whole numbers in row-major order; booleans are 0 and 1.
    /// - Returns: nil when the elements are no integers.
    package var integers: [Int]? {
        let shift = 64 - element.size * 8
        switch element.kind {
        case "b": return read { $0 == 0 ? 0 : 1 }
        case "i" where (1...8).contains(element.size): return read { Int(Int64(bitPattern: $0 << UInt64(shift)) >> Int64(shift)) }
        case "u" where (1...8).contains(element.size): return all(read { Int(exactly: $0) })
        case "O": return all(objects.map(\.integer))
        default: return nil
        }
    }

    /// Texts of a fixed width, or of objects; nil when an element is none.
    package var strings: [String]? {
        switch element.kind {
        case "O": all(objects.map(\.string))
        case "U" where element.size.isMultiple(of: 4): places.map { text(at: $0) }
        default: nil
        }
    }

    /// Elements of any kind in row-major order.
    package var objects: [FittedValue] {
        if element.kind == "O" { return isTransposed ? places.map { stored[$0 / 8] } : stored }
        if let strings { return strings.map(FittedValue.string) }
        if element.kind == "b", let integers { return integers.map { .bool($0 != 0) } }
        if let integers { return integers.map(FittedValue.int) }
        return (doubles ?? []).map(FittedValue.float)
    }

    /// One field of every record.
    /// - Returns: nil when the records have no such field.
    package func field(_ name: String) -> FittedArray? {
        guard let field = element.fields.first(where: { $0.name == name }), field.offset >= 0, field.offset + field.element.size <= element.size else { return nil }
        return FittedArray(
            element: field.element, shape: shape, isFortranOrdered: isFortranOrdered, bytes: bytes, stored: [], stride: stride, start: start + field.offset)
    }

    // MARK: - Elements

    private var isTransposed: Bool { isFortranOrdered && shape.count > 1 }

    /// Where each element begins, in row-major order.
    private var places: [Int] {
        guard isTransposed else { return (0..<count).map { start + $0 * stride } }
        let steps = shape.indices.map { shape[..<$0].reduce(1, *) }
        var index = [Int](repeating: 0, count: shape.count)
        return (0..<count).map { _ in
            let place = zip(index, steps).reduce(0) { $0 + $1.0 * $1.1 }
            for axis in shape.indices.reversed() {
                index[axis] += 1
                if index[axis] < shape[axis] { break }
                index[axis] = 0
            }
            return start + place * stride
        }
    }

    private func read<Value>(_ convert: (UInt64) -> Value) -> [Value] {
        places.map { place in
            var bits: UInt64 = 0
            for offset in 0..<element.size {
                bits = bits << 8 | UInt64(bytes[element.isBigEndian ? place + offset : place + element.size - 1 - offset])
            }
            return convert(bits)
        }
    }

    private func text(at place: Int) -> String {
        var scalars = String.UnicodeScalarView()
        for offset in Swift.stride(from: 0, to: element.size, by: 4) {
            let units = bytes[place + offset..<place + offset + 4]
            let value = (element.isBigEndian ? Array(units) : units.reversed()).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            guard value != 0 else { break }
            scalars.append(Unicode.Scalar(value) ?? "\u{fffd}")
        }
        return String(scalars)
    }

    private func all<Value>(_ values: [Value?]) -> [Value]? {
        let found = values.compactMap(\.self)
        return found.count == values.count ? found : nil
    }

    private static func product(_ shape: [Int]) -> Int? {
        shape.reduce(Int?(1)) { product, extent in
            guard let product, extent >= 0, case let (next, overflow) = product.multipliedReportingOverflow(by: extent), !overflow else { return nil }
            return next
        }
    }
}

extension FittedValue {
    /// A number of Python or numpy.
    package var number: Double? {
        switch self {
        case .float(let value): value
        case .int(let value): Double(value)
        case .bool(let value): value ? 1 : 0
        case .array(let array) where array.count == 1 && array.shape.isEmpty: array.doubles?.first
        default: nil
        }
    }

    /// A whole number of Python or numpy.
    package var integer: Int? {
        switch self {
        case .int(let value): value
        case .bool(let value): value ? 1 : 0
        case .array(let array) where array.count == 1 && array.shape.isEmpty: array.integers?.first
        default: nil
        }
    }

    package var string: String? {
        switch self {
        case .string(let text): text
        case .array(let array) where array.shape.isEmpty: array.strings?.first
        default: nil
        }
    }
}
