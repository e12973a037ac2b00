/// What goes from one estimator to the next: a matrix, or columns of which some hold text.
enum Rows: Sendable {
    case matrix(Matrix)
    case frame(Frame)

    var count: Int {
        switch self {
        case .matrix(let matrix): matrix.rows
        case .frame(let frame): frame.rows
        }
    }

    var columns: Int {
        switch self {
        case .matrix(let matrix): matrix.columns
        case .frame(let frame): frame.columns.count
        }
    }

    /// The rows as numbers.
    /// - Throws: ``EvaluationFailure`` when a column holds text or when their number is another.
    func matrix(columns expected: Int? = nil) throws -> Matrix {
        let matrix: Matrix
        switch self {
        case .matrix(let all): matrix = all
        case .frame(let frame): matrix = try frame.matrix()
        }
        if let expected, matrix.columns != expected {
            throw EvaluationFailure("X has \(matrix.columns) features, but \(expected) are expected.")
        }
        return matrix
    }

    /// The same, and every value is finite.
    func finite(columns expected: Int? = nil) throws -> Matrix {
        let matrix = try matrix(columns: expected)
        guard matrix.values.areFinite else { throw EvaluationFailure("Input X contains \(matrix.values.contains(where: \.isNaN) ? "NaN" : "infinity").") }
        return matrix
    }

    /// The same; a missing value is allowed, infinity is not.
    func missingAllowed(columns expected: Int? = nil) throws -> Matrix {
        let matrix = try matrix(columns: expected)
        for value in matrix.values where value.isInfinite { throw EvaluationFailure("Input X contains infinity.") }
        return matrix
    }

    func column(_ index: Int) -> Column {
        switch self {
        case .matrix(let matrix): .numbers(matrix.column(index))
        case .frame(let frame): frame.columns[index]
        }
    }

    func columns(_ indices: [Int]) -> Rows {
        switch self {
        case .matrix(let matrix): .matrix(matrix.columns(indices))
        case .frame(let frame): Frame(rows: frame.rows, columns: indices.map { frame.columns[$0] }).simplified
        }
    }

    func rows(_ range: Range<Int>) -> Rows {
        switch self {
        case .matrix(let matrix): .matrix(matrix.rows(range))
        case .frame(let frame): .frame(Frame(rows: range.count, columns: frame.columns.map { $0.rows(range) }))
        }
    }

    static func concatenated(_ parts: [Rows], rows: Int) throws -> Rows {
        let matrices = parts.compactMap { part -> Matrix? in if case .matrix(let matrix) = part { matrix } else { nil } }
        if matrices.count == parts.count { return .matrix(.concatenated(matrices, rows: rows)) }
        return .frame(Frame(rows: rows, columns: parts.flatMap { part in (0..<part.columns).map { part.column($0) } }))
    }
}

extension [Double] {
    /// Gives every value the precision of 32 bits.
    mutating func roundToSingle() {
        let count = count
        unsafe withUnsafeMutableBytes { bytes in
            var index = 0
            while index + 8 <= count {
                let values = unsafe bytes.loadUnaligned(fromByteOffset: index * 8, as: SIMD8<Double>.self)
                unsafe bytes.storeBytes(of: SIMD8<Double>(SIMD8<Float>(values)), toByteOffset: index * 8, as: SIMD8<Double>.self)
                index += 8
            }
            while index < count {
                let value = unsafe bytes.loadUnaligned(fromByteOffset: index * 8, as: Double.self)
                unsafe bytes.storeBytes(of: Double(Float(value)), toByteOffset: index * 8, as: Double.self)
                index += 1
            }
        }
    }

    var containsNaN: Bool {
        var found = SIMDMask<SIMD8<Int64>>(repeating: false)
        var index = 0
        unsafe withUnsafeBytes { bytes in
            while index + 8 <= count {
                let values = unsafe bytes.loadUnaligned(fromByteOffset: index * 8, as: SIMD8<Double>.self)
                found .|= values .!= values
                index += 8
            }
        }
        return any(found) || self[index...].contains(where: \.isNaN)
    }

    /// Whether no value is NaN or infinite: zero times any other is zero.
    var areFinite: Bool {
        var sum = SIMD8<Double>.zero
        var index = 0
        unsafe withUnsafeBytes { bytes in
            while index + 8 <= count {
                unsafe sum += bytes.loadUnaligned(fromByteOffset: index * 8, as: SIMD8<Double>.self) * 0
                index += 8
            }
        }
        return sum.sum() == 0 && self[index...].allSatisfy(\.isFinite)
    }
}

/// Columns of numbers and of text side by side.
struct Frame: Sendable {
    let rows: Int
    let columns: [Column]

    func matrix() throws -> Matrix {
        var matrix = Matrix(rows: rows, columns: columns.count)
        for (index, column) in columns.enumerated() {
            guard case .numbers(let values) = column else { throw EvaluationFailure("could not convert string to float: column \(index + 1) holds text.") }
            for row in 0..<rows { matrix[row, index] = values[row] }
        }
        return matrix
    }

    /// A matrix when no column holds text.
    var simplified: Rows { (try? matrix()).map(Rows.matrix) ?? .frame(self) }
}

/// One column of a frame.
enum Column: Sendable {
    /// NaN where a value is missing.
    case numbers([Double])
    /// nil where a value is missing.
    case texts([String?])

    func rows(_ range: Range<Int>) -> Column {
        switch self {
        case .numbers(let values): .numbers(Array(values[range]))
        case .texts(let values): .texts(Array(values[range]))
        }
    }
}
