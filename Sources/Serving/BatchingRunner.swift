package import Domain
internal import Synchronization

/// Joins the requests that wait for the same model into one call, and gives each caller its own rows.
///
/// The caller whose turn it is runs the call for all who wait with it, then hands the turn on: there is no task beside the requests.
package final class BatchingRunner: ModelRunner {
    /// What is joined.
    package struct Limits: Sendable {
        /// Rows of one call; 1 joins nothing.
        package var rows: Int
        /// Requests that may wait; more are refused.
        package var waiting: Int
        /// How long a call waits for company, when none is there.
        package var delay: Duration

        package init(rows: Int = 256, waiting: Int = 1024, delay: Duration = .zero) {
            self.rows = rows
            self.waiting = waiting
            self.delay = delay
        }
    }

    private enum Turn {
        case answered(InferenceResponse)
        /// The caller runs now, for the others too.
        case run([Waiter])
    }

    private struct Waiter {
        let request: InferenceRequest
        let end: ContinuousClock.Instant
        let turn: CheckedContinuation<Turn, any Error>
    }

    package let inner: any ModelRunner
    private let limits: Limits
    private let queue: Mutex<BatchQueue<Waiter>>

    package init(_ inner: any ModelRunner, limits: Limits) {
        self.inner = inner
        self.limits = limits
        queue = Mutex(BatchQueue(.init(rows: limits.rows, waiting: limits.waiting)))
    }

    package func retire() { inner.retire() }

    package var isLoaded: Bool { inner.isLoaded }

    package func predict(_ request: InferenceRequest, deadline: Duration) async throws -> InferenceResponse {
        let end = ContinuousClock.now + deadline
        let turn = try await withCheckedThrowingContinuation { (turn: CheckedContinuation<Turn, any Error>) in
            switch queue.withLock({ $0.arrive(rows: request.rows, Waiter(request: request, end: end, turn: turn)) }) {
            case .run: turn.resume(returning: .run([]))
            case .wait: break
            case .refuse: turn.resume(throwing: PlatformError(.unavailable, "Too many requests wait for the model.", retryAfterSeconds: 1))
            }
        }
        switch turn {
        case .answered(let response): return response
        case .run(let others): return try await run(request, until: end, with: others)
        }
    }

    /// Runs one call for the caller and the others, then hands the turn on.
    private func run(_ request: InferenceRequest, until end: ContinuousClock.Instant, with others: [Waiter]) async throws -> InferenceResponse {
        var others = others
        if others.isEmpty, limits.delay > .zero {
            try? await Task.sleep(for: limits.delay)
            others = queue.withLock { $0.join(rows: request.rows) }
        }
        let answers = await answers(request, until: end, with: others)
        handOn()
        for (waiter, answer) in zip(others, answers.dropFirst()) { waiter.turn.resume(with: answer.map(Turn.answered)) }
        return try answers[0].get()
    }

    private func handOn() {
        let group = queue.withLock { $0.next() }
        group.first?.turn.resume(returning: .run(Array(group.dropFirst())))
    }

    /// An answer for each request, the caller's own first.
    private func answers(
        _ own: InferenceRequest, until end: ContinuousClock.Instant, with others: [Waiter]
    ) async -> [Result<InferenceResponse, any Error>] {
        let requests = [own] + others.map(\.request)
        let ends = [end] + others.map(\.end)
        if requests.count > 1, let joined = InferenceRequest.joined(requests) {
            do {
                let response = try await inner.predict(joined, deadline: Self.rest(until: ends.min() ?? end))
                if let parts = response.split(rows: requests.map(\.rows)) { return parts.map { .success($0) } }
            } catch let error as PlatformError where ![.predictionFailed, .schemaViolation].contains(error.code) {
                return requests.map { _ in .failure(error) }
            } catch {
                // One of the rows made the model fail, or the caller went away: each request runs alone.
            }
        }
        var answers: [Result<InferenceResponse, any Error>] = []
        for (request, end) in zip(requests, ends) { answers.append(await alone(request, until: end)) }
        return answers
    }

    private func alone(_ request: InferenceRequest, until end: ContinuousClock.Instant) async -> Result<InferenceResponse, any Error> {
        guard .now < end else { return .failure(PlatformError(.predictionTimeout, "The model had no time for the request within its limit.")) }
        do {
            return .success(try await inner.predict(request, deadline: Self.rest(until: end)))
        } catch {
            return .failure(error)
        }
    }

    private static func rest(until end: ContinuousClock.Instant) -> Duration {
        max(.milliseconds(1), ContinuousClock.now.duration(to: end))
    }
}
