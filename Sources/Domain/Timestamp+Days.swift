extension Timestamp {
    /// Days since 1970-01-01.
    package var day: Int64 { milliseconds.quotient(flooring: Self.millisecondsOfDay) }

    /// The first day of the month, in days since 1970-01-01.
    package var firstDayOfMonth: Int64 {
        let date = Self.civil(fromDays: day)
        return Self.days(fromCivil: date.year, date.month, 1)
    }

    /// Midnight at the beginning of a day.
    package init(day: Int64) {
        self.init(milliseconds: day * Self.millisecondsOfDay)
    }

    private static let millisecondsOfDay: Int64 = 86_400_000
}

extension KeyBudget.Period {
    /// The first day of the period that a moment lies in, in days since 1970-01-01.
    package func firstDay(at now: Timestamp) -> Int64 {
        switch self {
        case .day: now.day
        case .month: now.firstDayOfMonth
        }
    }

    /// When the next period begins.
    package func end(at now: Timestamp) -> Timestamp {
        switch self {
        case .day: Timestamp(day: now.day + 1)
        case .month: Timestamp(day: Timestamp(day: now.firstDayOfMonth + 31).firstDayOfMonth)
        }
    }
}
