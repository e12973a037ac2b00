internal import Domain
internal import Synchronization

/// Counts requests by route, method and status, and how long they took. Labels are the router's own paths, so there are only so many.
package final class RequestMetrics: Sendable {
    /// Seconds; the standard ones of Prometheus' clients.
    static let bounds: [Double] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    struct Place: Hashable {
        let endpoint: String
        let method: String
    }

    /// The requests of one route.
    final class Series: Sendable {
        private struct Counts {
            var buckets = [Int](repeating: 0, count: RequestMetrics.bounds.count + 1)
            var seconds = 0.0
            var statuses: [Int: Int] = [:]
        }

        private let counts = Mutex(Counts())

        func record(status: Int, seconds: Double) {
            let bucket = RequestMetrics.bounds.firstIndex { seconds <= $0 } ?? RequestMetrics.bounds.count
            counts.withLock { counts in
                counts.buckets[bucket] += 1
                counts.seconds += seconds
                counts.statuses[status, default: 0] += 1
            }
        }

        /// Requests up to each bound and beyond, how long they took together, and their statuses.
        var snapshot: (buckets: [Int], seconds: Double, statuses: [Int: Int]) {
            counts.withLock { ($0.buckets, $0.seconds, $0.statuses) }
        }
    }

    private let series = Mutex<[Place: Series]>([:])

    package init() {}

    /// HTTP/2 lets a method be any word.
    private static let methods: Set<String> = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

    func series(_ endpoint: String, _ method: String) -> Series {
        let place = Place(endpoint: endpoint, method: Self.methods.contains(method) ? method : "other")
        return series.withLock { series in
            if let known = series[place] { return known }
            let new = Series()
            series[place] = new
            return new
        }
    }

    var all: [(place: Place, series: Series)] {
        series.withLock { $0.map { ($0.key, $0.value) } }.sorted { ($0.place.endpoint, $0.place.method) < ($1.place.endpoint, $1.place.method) }
    }
}
