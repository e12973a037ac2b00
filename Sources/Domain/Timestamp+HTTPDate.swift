extension Timestamp {
    /// The date as HTTP writes it, `Sun, 06 Nov 1994 08:49:37 GMT`: RFC 9110 section 5.6.7. Defined for the years 1970 to 9999.
    package var httpDate: String {
        let seconds = milliseconds / 1000
        let days = seconds / 86_400
        let (year, month, day) = Self.civil(fromDays: days)
        let time = [seconds / 3600 % 24, seconds / 60 % 60, seconds % 60].map { Self.padded($0, 2) }.joined(separator: ":")
        // 1970-01-01 was a Thursday.
        return "\(Self.weekdays[Int((days + 4) % 7)]), \(Self.padded(day, 2)) \(Self.months[Int(month - 1)]) \(Self.padded(year, 4)) \(time) GMT"
    }

    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
}
