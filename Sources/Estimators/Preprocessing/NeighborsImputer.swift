import Formats

/// Puts the mean of the nearest training rows where a value is missing.
///
/// Distances leave out the columns that one of the rows lacks, and are scaled to all of them.
/// Troyanskaya et al., "Missing value estimation methods for DNA microarrays", 2001.
struct NeighborsImputer: Transformer {
    private let samples: Matrix
    private let count: Int
    /// Columns that had a value in training; the others are left out, or zero.
    private let valid: [Bool]
    private let keepsEmpty: Bool
    private let indicator: MissingIndicator?

    init(_ attributes: Attributes) throws {
        guard try attributes.value("missing_values").number?.isNaN ?? false else { throw attributes.uncovered("missing_values") }
        guard attributes.optionalText("metric") == "nan_euclidean" else { throw attributes.uncovered("metric") }
        // Weights by distance turn the last bit of a distance into the answer.
        guard attributes.optionalText("weights") == "uniform" else { throw attributes.uncovered("weights") }
        guard try attributes.array("_fit_X").element.size == 8 else { throw attributes.uncovered("training rows of 32 bits") }
        let samples = try attributes.matrix("_fit_X")
        self.samples = samples
        count = try attributes.count("n_neighbors")
        keepsEmpty = try attributes.flag("keep_empty_features", default: false)
        valid = (0..<samples.columns).map { column in samples.column(column).contains { !$0.isNaN } }
        guard count >= 1, samples.rows >= 1, samples.columns >= 1 else { throw attributes.uncovered("n_neighbors") }
        if try attributes.flag("add_indicator", default: false) {
            guard let indicator = try attributes.estimator("indicator_") as? MissingIndicator else { throw attributes.uncovered("indicator_") }
            self.indicator = indicator
        } else {
            indicator = nil
        }
    }

    func transform(_ rows: Rows) throws -> Rows {
        let input = try rows.missingAllowed(columns: samples.columns)
        var filled = input
        for row in 0..<input.rows {
            let missing = (0..<input.columns).filter { input[row, $0].isNaN && valid[$0] }
            guard !missing.isEmpty else { continue }
            let distances = (0..<samples.rows).map { squaredDistance(input, row, $0) }
            for column in missing { filled[row, column] = try value(of: column, distances, norm: norm(input.row(row))) }
        }
        if keepsEmpty {
            for column in valid.indices where !valid[column] { for row in 0..<filled.rows { filled[row, column] = 0 } }
        } else {
            filled = filled.columns(valid.indices.filter { valid[$0] })
        }
        guard let indicator else { return .matrix(filled) }
        return try .concatenated([.matrix(filled), try indicator.transform(rows)], rows: rows.count)
    }

    private func norm(_ row: ArraySlice<Double>) -> Double { row.reduce(0) { $1.isNaN ? $0 : $0 + $1 * $1 } }

    /// nil when the rows have no column in common.
    private func squaredDistance(_ input: Matrix, _ row: Int, _ sample: Int) -> Double? {
        var sum = 0.0
        var present = 0
        for column in 0..<samples.columns {
            let difference = input[row, column] - samples[sample, column]
            if difference.isNaN { continue }
            sum += difference * difference
            present += 1
        }
        return present == 0 ? nil : sum / Double(present) * Double(samples.columns)
    }

    /// - Throws: ``Undecided`` when donors with different values are equally far, up to the rounding of the library's way to compute.
    private func value(of column: Int, _ distances: [Double?], norm: Double) throws -> Double {
        let donors = (0..<samples.rows).filter { !samples[$0, column].isNaN }
        let near = donors.compactMap { donor in distances[donor].map { (distance: $0, donor: donor) } }.sorted { $0.distance < $1.distance }
        guard !near.isEmpty else { return donors.reduce(0) { $0 + samples[$1, column] } / Double(donors.count) }
        // Donors without a distance are counted among the nearest when there are too few others, with no weight.
        let chosen = near.prefix(count)
        if near.count > chosen.count, let last = chosen.last {
            let slack = 1e-12 * (norm + self.norm(samples.row(last.donor)) + last.distance) * Double(samples.columns)
            let tied = near.filter { abs($0.distance - last.distance) <= slack }
            let values = Set(tied.map { samples[$0.donor, column] })
            if tied.contains(where: { tie in !chosen.contains { $0.donor == tie.donor } }), values.count > 1 { throw Undecided() }
        }
        return chosen.reduce(0) { $0 + samples[$1.donor, column] } / Double(chosen.count)
    }
}
