package import Domain
internal import Synchronization

/// Makes guessing passwords slow: after some failures the next attempt must wait, twice as long after each further one.
///
/// Failures are counted for an account from one address, for an address, and for an account from anywhere; the last one forgives most, so
/// that a stranger cannot easily keep the owner out. It is asked before a password is looked at, in the same way for accounts that do
/// not exist. Counted in memory: a restart forgets. NIST SP 800-63B section 5.2.2.
package final class LoginGuard: Sendable {
    private struct Failures {
        var count = 0
        var last: Timestamp
    }

    private static let forgiven = (pair: 5, address: 30, account: 60)
    private static let longestWait: Int64 = 15 * 60
    private static let maximumEntries = 100_000
    private let clock: any WallClock
    private let failures = Mutex<[String: Failures]>([:])

    package init(clock: any WallClock) {
        self.clock = clock
    }

    /// - Throws: `rateLimited` while the next attempt must wait.
    package func check(account: String, address: String?) throws {
        let now = clock.now
        let until = failures.withLock { failures in
            Self.keys(account, address).compactMap { key, forgiven in failures[key].map { Self.end(of: $0, forgiven) } }.max()
        }
        guard let until, until > now else { return }
        let seconds = max(1, Int((until.milliseconds - now.milliseconds + 999) / 1000))
        throw PlatformError(.rateLimited, "Too many failed logins. hint: try again in \(seconds) s.", retryAfterSeconds: seconds)
    }

    package func failed(account: String, address: String?) {
        let now = clock.now
        failures.withLock { failures in
            if failures.count > Self.maximumEntries {
                failures = failures.filter { now.milliseconds - $0.value.last.milliseconds < Self.longestWait * 1000 }
            }
            for (key, _) in Self.keys(account, address) {
                var entry = failures[key] ?? Failures(last: now)
                // A day without a failure forgives all.
                if now.milliseconds - entry.last.milliseconds > 86_400_000 { entry.count = 0 }
                entry.count += 1
                entry.last = now
                failures[key] = entry
            }
        }
    }

    package func succeeded(account: String, address: String?) {
        let pair = Self.keys(account, address)[0].key
        failures.withLock { $0[pair] = nil }
    }

    private static func keys(_ account: String, _ address: String?) -> [(key: String, forgiven: Int)] {
        let address = address ?? "-"
        return [("p \(address) \(account)", forgiven.pair), ("a \(address)", forgiven.address), ("u \(account)", forgiven.account)]
    }

    private static func end(of failures: Failures, _ forgiven: Int) -> Timestamp {
        let beyond = failures.count - forgiven
        guard beyond >= 0 else { return failures.last }
        return failures.last.adding(seconds: beyond >= 10 ? longestWait : min(longestWait, 1 << Int64(beyond)))
    }
}
