/// Numbers in rows and columns, `[rows, columns]`, one row after the other.
struct Matrix: Sendable, Equatable {
    let rows: Int
    let columns: Int
    var values: [Double]

    init(rows: Int, columns: Int, values: [Double]) {
        precondition(values.count == rows * columns)
        self.rows = rows
        self.columns = columns
        self.values = values
    }

    init(rows: Int, columns: Int, repeating value: Double = 0) {
        self.init(rows: rows, columns: columns, values: [Double](repeating: value, count: rows * columns))
    }

    /// The same row again and again.
    init(rows: Int, repeating row: [Double]) {
        self.init(rows: rows, columns: row.count)
        for index in 0..<rows {
            for column in row.indices { values[index * columns + column] = row[column] }
        }
    }

    /// One column.
    init(column values: [Double]) {
        self.init(rows: values.count, columns: 1, values: values)
    }

    subscript(row: Int, column: Int) -> Double {
        get { values[row * columns + column] }
        set { values[row * columns + column] = newValue }
    }

    func row(_ index: Int) -> ArraySlice<Double> { values[index * columns..<(index + 1) * columns] }

    func column(_ index: Int) -> [Double] { (0..<rows).map { self[$0, index] } }

    func rows(_ range: Range<Int>) -> Matrix {
        Matrix(rows: range.count, columns: columns, values: Array(values[range.lowerBound * columns..<range.upperBound * columns]))
    }

    func columns(_ indices: [Int]) -> Matrix {
        var chosen = Matrix(rows: rows, columns: indices.count)
        for row in 0..<rows {
            for (place, index) in indices.enumerated() { chosen[row, place] = self[row, index] }
        }
        return chosen
    }

    /// Applies `change` to every value of a column, column by column.
    func mapColumns(_ change: (_ value: Double, _ column: Int) -> Double) -> Matrix {
        var changed = self
        for row in 0..<rows {
            for column in 0..<columns { changed[row, column] = change(self[row, column], column) }
        }
        return changed
    }

    /// Index of the largest value of each row; the first of equals.
    func argmax() -> [Int] {
        (0..<rows).map { row in
            var best = 0
            for column in 1..<max(columns, 1) where self[row, column] > self[row, best] { best = column }
            return best
        }
    }

    /// Index of the smallest value of each row; the first of equals.
    func argmin() -> [Int] {
        (0..<rows).map { row in
            var best = 0
            for column in 1..<max(columns, 1) where self[row, column] < self[row, best] { best = column }
            return best
        }
    }

    /// Matrices side by side; all have the same number of rows.
    static func concatenated(_ parts: [Matrix], rows: Int) -> Matrix {
        var whole = Matrix(rows: rows, columns: parts.reduce(0) { $0 + $1.columns })
        var start = 0
        for part in parts {
            for row in 0..<rows {
                for column in 0..<part.columns { whole[row, start + column] = part[row, column] }
            }
            start += part.columns
        }
        return whole
    }
}
