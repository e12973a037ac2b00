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

    /// Begins an attempt. It counts as failed until ``succeeded(account:address:)``, so that many at once are no way around.
    /// - Throws: `rateLimited` while the next attempt must wait.
    package func attempt(account: String, address: String?) throws {
        let now = clock.now
        let keys = Self.keys(account, address)
        let wait = failures.withLock { failures -> Timestamp? in
            sweep(&failures, now)
            let until = keys.compactMap { key, forgiven in failures[key].map { Self.end(of: $0, forgiven) } }.max()
            if let until, until > now { return until }
            for (key, _) in keys {
                var entry = failures[key] ?? Failures(last: now)
                // A day without a failure forgives all.
                if now.milliseconds - entry.last.milliseconds > 86_400_000 { entry.count = 0 }
                entry.count += 1
                entry.last = now
                failures[key] = entry
            }
            return nil
        }
        guard let wait else { return }
        let seconds = max(1, Int((wait.milliseconds - now.milliseconds + 999) / 1000))
        throw PlatformError(.rateLimited, "Too many failed logins. hint: try again in \(seconds) s.", retryAfterSeconds: seconds)
    }

    package func succeeded(account: String, address: String?) {
        failures.withLock { failures in
            for (index, (key, _)) in Self.keys(account, address).enumerated() {
                if index == 0 { failures[key] = nil } else { failures[key]?.count -= 1 }
            }
        }
    }

    /// Forgets what is old, when there is much of it.
    private func sweep(_ failures: inout [String: Failures], _ now: Timestamp) {
        guard failures.count > Self.maximumEntries else { return }
        failures = failures.filter { now.milliseconds - $0.value.last.milliseconds < Self.longestWait * 1000 }
        if failures.count > Self.maximumEntries { failures = [:] }
    }

    private static func keys(_ account: String, _ address: String?) -> [(key: String, forgiven: Int)] {
        let address = network(of: address ?? "-")
        return [("p \(address) \(account)", forgiven.pair), ("a \(address)", forgiven.address), ("u \(account)", forgiven.account)]
    }

    /// Of IPv6 somebody has not one address but a network of them (RFC 6177).
    private static func network(of address: String) -> String {
        address.contains(":") ? AddressRange("\(address)/64")?.description ?? address : address
    }

    private static func end(of failures: Failures, _ forgiven: Int) -> Timestamp {
        let beyond = failures.count - forgiven
        guard beyond >= 0 else { return failures.last }
        return failures.last.adding(seconds: beyond >= 10 ? longestWait : min(longestWait, 1 << Int64(beyond)))
    }
}
