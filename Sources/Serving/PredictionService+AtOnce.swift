package import Access
package import Domain
package import Wire

extension PredictionService {
    /// An answer, and what is left of the limits that it was counted in.
    package struct Immediate: Sendable {
        package let result: PredictionResult
        package let state: RateState?
    }

    /// Admits and predicts a small request on the caller's thread, where the model is in memory.
    /// - Parameter path: The last parts of the request's path: `predict`, or what the model's own API is called.
    /// - Returns: nil where ``admit(_:to:from:)`` and ``predict(_:_:with:call:)`` must be gone through, also for every failure: nothing was
    ///   taken from a limit or counted then.
    package func predictAtOnce(
        _ body: [UInt8], _ shape: PredictBody.Shape, model: ModelID, path: Substring, call: PredictionCall, by principal: Principal
    ) -> Immediate? {
        guard let entry = serving(model), entry.deployment.runner.predictsAtOnce, !(entry.deployment.api?.isAsync ?? false),
            path == "predict" || entry.deployment.api?.endpointPath.dropFirst() == path,
            let request = try? PredictBody.parse(body, shape, table: entry.table, limits: limits)
        else { return nil }
        return entry.holding {
            let start = ContinuousClock.now
            let buckets = principal.requestBuckets + entry.deployment.buckets
            guard (try? admitted(principal, to: model, from: call.address)) != nil, let taken = takeAtOnce(buckets) else { return nil }
            guard let ticket = try? meter.begin(principal, rows: request.rows) as KeyMeter.Ticket?? else {
                limiter.putBack(buckets)
                return nil
            }
            let response = entry.deployment.runner.predictAtOnce(request)
            let milliseconds = start.duration(to: .now).milliseconds
            let json = try? response.map { try answer($0, shape, rows: request.rows, of: entry.answer, milliseconds, call.dialect) }
            guard let json else {
                limiter.putBack(buckets)
                meter.end(ticket, milliseconds: 0, isAnswered: false)
                return nil
            }
            record(call, entry, status: 200, rows: request.rows, milliseconds, nil, wasLoaded: true, body, json)
            return Immediate(result: PredictionResult(json: json, warning: meter.end(ticket, milliseconds: milliseconds, isAnswered: true)), state: taken.state)
        }
    }

    /// Takes one from each bucket, when that can be done here.
    private func takeAtOnce(_ buckets: [RateBucket]) -> Taken? {
        guard limiter.isLocal || buckets.isEmpty, let state = try? Taken(state: limiter.takeLocally(buckets)) else { return nil }
        return state
    }
}

/// A state that may be none, so that a failure to take one is told apart from it.
private struct Taken {
    let state: RateState?
}
