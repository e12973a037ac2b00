/// The calls of a model over some days.
package struct UsageAnalytics: Sendable {
    /// One day, UTC.
    package struct Day: Sendable {
        package let day: Int64
        package let calls: Int
        package let successfulCalls: Int
        package let rows: Int
        /// Of the successful ones.
        package let milliseconds: Double

        package init(day: Int64, calls: Int, successfulCalls: Int, rows: Int, milliseconds: Double) {
            self.day = day
            self.calls = calls
            self.successfulCalls = successfulCalls
            self.rows = rows
            self.milliseconds = milliseconds
        }
    }

    /// A call that failed.
    package struct Failure: Sendable {
        package let at: Timestamp
        package let status: Int
        package let message: String

        package init(at: Timestamp, status: Int, message: String) {
            self.at = at
            self.status = status
            self.message = message
        }
    }

    /// Oldest first; days without calls are left out.
    package let days: [Day]
    /// Calls that found the model in memory.
    package let loadedCalls: Int
    /// Of successful calls; nil without any.
    package let minimumMilliseconds: Double?
    package let maximumMilliseconds: Double?
    /// Successful calls by ``TimeScale``, in rising order.
    package let times: [(bucket: Int, count: Int)]
    /// Newest first.
    package let failures: [Failure]

    package init(
        days: [Day], loadedCalls: Int, minimumMilliseconds: Double?, maximumMilliseconds: Double?, times: [(bucket: Int, count: Int)], failures: [Failure]
    ) {
        self.days = days
        self.loadedCalls = loadedCalls
        self.minimumMilliseconds = minimumMilliseconds
        self.maximumMilliseconds = maximumMilliseconds
        self.times = times
        self.failures = failures
    }

    package var calls: Int { days.reduce(0) { $0 + $1.calls } }
    package var successfulCalls: Int { days.reduce(0) { $0 + $1.successfulCalls } }
    package var averageMilliseconds: Double? { successfulCalls == 0 ? nil : days.reduce(0) { $0 + $1.milliseconds } / Double(successfulCalls) }
}
