internal import Domain

/// Who waits for a model, and whose call comes next: one call runs at a time, the next takes what waits by then.
///
/// A value without time or tasks of its own; what to do follows from what its methods return.
struct BatchQueue<Waiter> {
    struct Limits {
        /// Rows of one joined call; a request with more runs alone.
        var rows: Int
        /// Requests that may wait.
        var waiting: Int
    }

    enum Arrival {
        /// Nobody runs: the caller runs, with nobody else.
        case run
        case wait
        /// Too many wait already.
        case refuse
    }

    private let limits: Limits
    private var isRunning = false
    private var waiting: [(waiter: Waiter, rows: Int)] = []

    init(_ limits: Limits) {
        self.limits = limits
    }

    /// - Parameter waiter: Kept only when the answer is `wait`.
    mutating func arrive(rows: Int, _ waiter: @autoclosure () -> Waiter) -> Arrival {
        guard isRunning else {
            isRunning = true
            return .run
        }
        guard waiting.count < limits.waiting else { return .refuse }
        waiting.append((waiter(), rows))
        return .wait
    }

    /// A call has ended.
    /// - Returns: Those who run together now, the first of them for all; empty when nobody waits.
    mutating func next() -> [Waiter] {
        let group = take(besides: 0)
        isRunning = !group.isEmpty
        return group
    }

    /// A call that is about to begin takes along who waits.
    mutating func join(rows: Int) -> [Waiter] { take(besides: rows) }

    private mutating func take(besides taken: Int) -> [Waiter] {
        var count = 0
        var rows = taken
        for (_, more) in waiting {
            guard rows == 0 || rows + more <= limits.rows else { break }
            count += 1
            rows += more
        }
        defer { waiting.removeFirst(count) }
        return waiting[..<count].map(\.waiter)
    }
}
