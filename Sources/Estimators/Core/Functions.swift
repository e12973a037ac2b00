internal import Glibc

/// Functions of a row that several estimators share, computed as numpy and scipy do.
enum Functions {
    /// The logistic function, `scipy.special.expit`.
    static func expit(_ value: Double) -> Double { 1 / (1 + exp(-value)) }

    /// Turns each row into `exp(x - max) / sum`, as `sklearn.utils.extmath.softmax`.
    static func softmax(_ matrix: Matrix) -> Matrix {
        var result = matrix
        for row in 0..<matrix.rows {
            let largest = matrix.row(row).max() ?? 0
            var sum = 0.0
            for column in 0..<matrix.columns {
                let value = exp(matrix[row, column] - largest)
                result[row, column] = value
                sum += value
            }
            for column in 0..<matrix.columns { result[row, column] /= sum }
        }
        return result
    }

    /// Probabilities of two classes from that of the second, `[rows, 1]`.
    static func binary(_ second: Matrix) -> Matrix {
        var result = Matrix(rows: second.rows, columns: 2)
        for row in 0..<second.rows {
            result[row, 0] = 1 - second[row, 0]
            result[row, 1] = second[row, 0]
        }
        return result
    }

    /// Divides each row by its sum; a row of zeros stays.
    static func normalized(_ matrix: Matrix) -> Matrix {
        var result = matrix
        for row in 0..<matrix.rows {
            let sum = matrix.row(row).reduce(0, +)
            guard sum != 0 else { continue }
            for column in 0..<matrix.columns { result[row, column] /= sum }
        }
        return result
    }

    /// `log(sum(exp(values)))`, as `scipy.special.logsumexp`.
    static func logSumExp(_ values: some Collection<Double>) -> Double {
        let largest = values.max() ?? 0
        guard largest.isFinite else { return largest }
        return largest + log(values.reduce(0) { $0 + exp($1 - largest) })
    }

    /// Index of the class for each row of scores: the sign for one column, else the largest.
    static func classes(ofScores scores: Matrix) -> [Int] {
        scores.columns == 1 ? scores.values.map { $0 > 0 ? 1 : 0 } : scores.argmax()
    }
}
