/// The places in which durations are counted, 16 for each doubling: what is read back from one is right to 3.2 %.
///
/// Counts of several days add up, and any percentile comes from them; the layout of HdrHistogram, https://hdrhistogram.org
package enum TimeScale {
    private static let steps = 16.0

    /// - Parameter milliseconds: Below a microsecond is counted as one.
    package static func bucket(of milliseconds: Double) -> Int {
        let microseconds = max(1, milliseconds.isFinite ? milliseconds * 1000 : .greatestFiniteMagnitude)
        return Int(microseconds.exponent) * Int(steps) + Int((microseconds.significand - 1) * steps)
    }

    /// The middle of a place, milliseconds.
    package static func milliseconds(of bucket: Int) -> Double {
        let (exponent, step) = bucket.quotientAndRemainder(dividingBy: Int(steps))
        return Double(sign: .plus, exponent: exponent, significand: 1 + (Double(step) + 0.5) / steps) / 1000
    }

    /// The duration that `share` of all are not above; nil when there are none.
    /// - Parameter counts: By place, in rising order.
    package static func percentile(_ share: Double, of counts: [(bucket: Int, count: Int)]) -> Double? {
        let total = counts.reduce(0) { $0 + $1.count }
        guard total > 0 else { return nil }
        let wanted = max(1, Int((share * Double(total)).rounded(.up)))
        var seen = 0
        for (bucket, count) in counts {
            seen += count
            if seen >= wanted { return milliseconds(of: bucket) }
        }
        return counts.last.map { milliseconds(of: $0.bucket) }
    }
}
