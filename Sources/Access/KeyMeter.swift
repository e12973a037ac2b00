package import Domain
internal import Synchronization

/// Counts what keys use against the budgets and the number of predictions at once in their scopes, in memory.
///
/// Only keys that are limited so come here; what they used before a start is given to ``restore(_:)``.
package final class KeyMeter: Sendable {
    /// A prediction that was let in.
    package struct Ticket: Sendable {
        fileprivate let key: KeyID
        fileprivate let user: UserID
        fileprivate let scope: KeyScope
        fileprivate let rows: Int
        /// The periods that the rows were counted in.
        fileprivate let first: [KeyBudget.Period: Int64]
    }

    /// How far a budget is used.
    package struct BudgetState: Sendable {
        package let budget: KeyBudget
        package let used: Int
        package let resetsAt: Timestamp

        /// Whether answers carry a warning.
        package var isNearEnd: Bool { budget.soft.map { used >= $0 } ?? false }
    }

    private struct Account {
        var running = 0
        var first: [KeyBudget.Period: Int64] = [:]
        var spent: [KeyBudget.Period: Spending] = [:]
        /// Budgets whose owner was told in this period.
        var told: Set<KeyBudget> = []

        /// Begins anew what belongs to a period that is over.
        mutating func turn(at now: Timestamp) {
            for period in KeyBudget.Period.allCases where first[period] != period.firstDay(at: now) {
                first[period] = period.firstDay(at: now)
                spent[period] = Spending()
                told = told.filter { $0.period != period }
            }
        }

        /// - Parameter counted: When rows were counted that are given back; those of a period that is over stay there.
        mutating func add(_ rows: Int, _ milliseconds: Double, counted: [KeyBudget.Period: Int64]? = nil) {
            for period in KeyBudget.Period.allCases {
                if counted.map({ $0[period] == first[period] }) ?? true { spent[period, default: Spending()].predictions += rows }
                spent[period, default: Spending()].milliseconds += milliseconds
            }
        }

        func states(_ budgets: [KeyBudget], at now: Timestamp) -> [BudgetState] {
            budgets.map { BudgetState(budget: $0, used: spent[$0.period]?.used($0.unit) ?? 0, resetsAt: $0.period.end(at: now)) }
        }
    }

    /// A budget that came near its end.
    package struct Warning: Sendable {
        package let key: KeyID
        package let user: UserID
        package let state: BudgetState
    }

    private let accounts = Mutex<[KeyID: Account]>([:])
    private let warnings = Mutex<[Warning]>([])
    private let clock: any WallClock

    package init(clock: any WallClock) {
        self.clock = clock
    }

    /// Takes over what keys used in the present day and month.
    package func restore(_ spendings: [KeyID: [KeyBudget.Period: Spending]]) {
        let now = clock.now
        accounts.withLock { accounts in
            for (key, spent) in spendings {
                var account = accounts[key] ?? Account()
                account.turn(at: now)
                account.spent = spent
                accounts[key] = account
            }
        }
    }

    /// Lets a prediction in, and counts its rows at once, so that parallel calls get no more than there is.
    /// - Returns: nil for a caller that is not metered.
    /// - Throws: `rateLimited` for too many at once, `budgetExceeded`.
    package func begin(_ principal: Principal?, rows: Int) throws -> Ticket? {
        guard let principal, case .apiKey(let key) = principal.credential, let scope = principal.scope, scope.isMetered else { return nil }
        let now = clock.now
        let first = try accounts.withLock { accounts in
            var account = accounts[key] ?? Account()
            account.turn(at: now)
            defer { accounts[key] = account }
            if let limit = scope.concurrentPredictions, account.running >= limit { throw Self.tooMany(limit) }
            for state in account.states(scope.budgets, at: now) {
                let more = state.budget.unit == .predictions ? rows : 1
                if let hard = state.budget.hard, state.used + more > hard { throw Self.exceeded(state, hard, now) }
            }
            account.running += 1
            account.add(rows, 0)
            return account.first
        }
        return Ticket(key: key, user: principal.userID, scope: scope, rows: rows, first: first)
    }

    /// Counts the time of a prediction; what was not answered gives its rows back.
    /// - Returns: The budget that is nearest to its end, when it is near enough for a warning.
    @discardableResult
    package func end(_ ticket: Ticket?, milliseconds: Double, isAnswered: Bool) -> BudgetState? {
        guard let ticket else { return nil }
        let now = clock.now
        return accounts.withLock { accounts in
            guard var account = accounts[ticket.key] else { return nil }
            account.turn(at: now)
            account.running -= 1
            account.add(isAnswered ? 0 : -ticket.rows, milliseconds, counted: ticket.first)
            let near = account.states(ticket.scope.budgets, at: now).first { $0.isNearEnd }
            if let near, account.told.insert(near.budget).inserted {
                warnings.withLock { $0.append(Warning(key: ticket.key, user: ticket.user, state: near)) }
            }
            accounts[ticket.key] = account
            return near
        }
    }

    /// The budgets that came near their end since it was asked last, each once in its period.
    package func takeWarnings() -> [Warning] {
        warnings.withLock { warnings in
            defer { warnings = [] }
            return warnings
        }
    }

    /// Gives back rows that were counted for a prediction which will not be made.
    package func giveBack(_ ticket: Ticket?) {
        guard let ticket else { return }
        let now = clock.now
        accounts.withLock { accounts in
            guard var account = accounts[ticket.key] else { return }
            account.turn(at: now)
            account.add(-ticket.rows, 0, counted: ticket.first)
            accounts[ticket.key] = account
        }
    }

    /// Counts time that a prediction took which was let in before.
    package func charge(_ milliseconds: Double, to key: KeyID) {
        let now = clock.now
        accounts.withLock { accounts in
            guard var account = accounts[key] else { return }
            account.turn(at: now)
            account.add(0, milliseconds)
            accounts[key] = account
        }
    }

    /// - Returns: Nothing for a key without budgets.
    package func states(of key: KeyID, _ scope: KeyScope?) -> [BudgetState] {
        guard let scope, !scope.budgets.isEmpty else { return [] }
        let now = clock.now
        return accounts.withLock { accounts in
            var account = accounts[key] ?? Account()
            account.turn(at: now)
            return account.states(scope.budgets, at: now)
        }
    }

    private static func tooMany(_ limit: Int) -> PlatformError {
        PlatformError(
            .rateLimited, "More than \(limit) predictions at once with this key.", details: .object(["concurrent_predictions": .int(limit)]), retryAfterSeconds: 1)
    }

    private static func exceeded(_ state: BudgetState, _ hard: Int, _ now: Timestamp) -> PlatformError {
        let (budget, wait) = (state.budget, (state.resetsAt.milliseconds - now.milliseconds + 999) / 1000)
        return PlatformError(
            .budgetExceeded, "The key's budget of \(hard) \(budget.unit.rawValue) a \(budget.period.rawValue) does not suffice: \(state.used) are used.",
            details: .object([
                "unit": .string(budget.unit.rawValue), "period": .string(budget.period.rawValue), "limit": .int(hard), "used": .int(state.used),
                "resets_at": .string(state.resetsAt.description),
            ]), retryAfterSeconds: Int(wait))
    }
}
