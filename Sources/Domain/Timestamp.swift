/// A moment in UTC, counted in milliseconds since 1970-01-01T00:00:00Z.
package struct Timestamp: Sendable, Hashable, Comparable {
    package let milliseconds: Int64

    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    package static func < (left: Self, right: Self) -> Bool { left.milliseconds < right.milliseconds }

    package func adding(milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: self.milliseconds + milliseconds) }
    package func adding(seconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds + seconds * 1000) }
}

extension Timestamp: CustomStringConvertible {
    /// RFC 3339 with milliseconds: `2026-11-21T04:05:06.789Z`. Defined for the years 0 to 9999.
    package var description: String {
        let day = Int64(86_400_000)
        let days = milliseconds.quotient(flooring: day)
        let inDay = milliseconds - days * day
        let (year, month, dayOfMonth) = Self.civil(fromDays: days)
        var text = DateText()
        text.append(year, 4, before: "-")
        text.append(month, 2, before: "-")
        text.append(dayOfMonth, 2, before: "T")
        text.append(inDay / 3_600_000, 2, before: ":")
        text.append(inDay / 60_000 % 60, 2, before: ":")
        text.append(inDay / 1000 % 60, 2, before: ".")
        text.append(inDay % 1000, 3, before: "Z")
        return text.description
    }

    static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`:
    /// https://howardhinnant.github.io/date_algorithms.html
    static func civil(fromDays days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = shifted.quotient(flooring: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}

/// Numbers with leading zeros, one behind the other.
private struct DateText: CustomStringConvertible {
    private var bytes: [UInt8] = []

    init() { bytes.reserveCapacity(24) }

    var description: String { String(decoding: bytes, as: UTF8.self) }

    mutating func append(_ value: Int64, _ width: Int, before mark: Unicode.Scalar) {
        var divisor: Int64 = 1
        for _ in 1..<width { divisor *= 10 }
        while divisor > 0 {
            bytes.append(0x30 + UInt8(truncatingIfNeeded: value / divisor % 10))
            divisor /= 10
        }
        bytes.append(UInt8(ascii: mark))
    }
}

extension Int64 {
    func quotient(flooring divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}

/// Tells the time; injected, so that a test can set it.
package protocol WallClock: Sendable {
    var now: Timestamp { get }
}
