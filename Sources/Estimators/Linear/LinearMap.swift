/// `X · Wᵀ + b`: what all linear models begin with.
struct LinearMap: Sendable {
    /// `[outputs, columns]`
    let weights: Matrix
    /// `[outputs]`
    let intercepts: [Double]

    var columns: Int { weights.columns }

    /// - Parameter intercepts: One for all outputs, or one each.
    /// - Throws: ``Uncovered`` when the numbers do not fit together.
    init(weights: Matrix, intercepts: [Double], of name: String) throws {
        guard intercepts.count == weights.rows || intercepts.count == 1 else { throw Uncovered("\(name): \(intercepts.count) intercepts for \(weights.rows) outputs") }
        self.weights = weights
        self.intercepts = intercepts.count == weights.rows ? intercepts : [Double](repeating: intercepts[0], count: weights.rows)
    }

    /// Of `coef_` and `intercept_`.
    init(_ attributes: Attributes) throws {
        try self.init(weights: try attributes.matrix("coef_"), intercepts: try attributes.numbers("intercept_"), of: attributes.typeName)
    }

    /// - Returns: `[rows, outputs]`
    /// - Throws: ``EvaluationFailure`` when the input has another number of columns.
    func apply(_ input: Matrix) throws -> Matrix {
        guard input.columns == weights.columns else { throw EvaluationFailure("X has \(input.columns) features, but \(weights.columns) are expected.") }
        var result = Matrix(rows: input.rows, columns: weights.rows)
        let width = weights.columns
        let outputs = weights.rows
        let intercepts = intercepts
        unsafe input.values.withUnsafeBufferPointer { x in
            unsafe weights.values.withUnsafeBufferPointer { w in
                unsafe result.values.withUnsafeMutableBufferPointer { y in
                    for row in 0..<input.rows {
                        for output in 0..<outputs {
                            unsafe y[row * outputs + output] =
                                unsafe intercepts[output]
                                + Dot.product(x.baseAddress.unsafelyUnwrapped + row * width, w.baseAddress.unsafelyUnwrapped + output * width, width)
                        }
                    }
                }
            }
        }
        return result
    }
}

/// The inner product of two rows of numbers, in eight lanes.
enum Dot {
    @inline(__always)
    static func product(_ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ count: Int) -> Double {
        var sum = SIMD8<Double>.zero
        var index = 0
        let x = unsafe UnsafeRawPointer(a)
        let y = unsafe UnsafeRawPointer(b)
        while index + 8 <= count {
            // Not `addProduct`: without the instruction for it, that is a call for each number.
            unsafe sum += x.loadUnaligned(fromByteOffset: index * 8, as: SIMD8<Double>.self) * y.loadUnaligned(fromByteOffset: index * 8, as: SIMD8<Double>.self)
            index += 8
        }
        var rest = SIMD2<Double>.zero
        while index + 2 <= count {
            unsafe rest += x.loadUnaligned(fromByteOffset: index * 8, as: SIMD2<Double>.self) * y.loadUnaligned(fromByteOffset: index * 8, as: SIMD2<Double>.self)
            index += 2
        }
        let halves = sum.lowHalf + sum.highHalf
        let quarters = halves.lowHalf + halves.highHalf + rest
        var total = quarters.x + quarters.y
        if index < count { unsafe total += a[index] * b[index] }
        return total
    }
}
