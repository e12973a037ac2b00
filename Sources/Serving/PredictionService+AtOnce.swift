package import Access
package import Domain
package import Wire

extension PredictionService {
    /// An answer, and what is left of the limits that it was counted in.
    package struct Immediate: Sendable {
        package let json: [UInt8]
        package let state: RateState?
    }

    /// Admits and predicts a small request on the caller's thread, where the model is in memory.
    /// - Parameter path: The last parts of the request's path: `predict`, or what the model's own API is called.
    /// - Returns: nil where ``admit(_:to:from:)`` and ``predict(_:_:with:call:)`` must be gone through, also for every failure: nothing was
    ///   taken from a limit or counted then.
    package func predictAtOnce(
        _ body: [UInt8], _ shape: PredictBody.Shape, model: ModelID, path: Substring, call: PredictionCall, by principal: Principal
    ) -> Immediate? {
        guard let entry = serving(model), !(entry.deployment.api?.isAsync ?? false), path == "predict" || entry.deployment.api?.endpointPath.dropFirst() == path,
            let request = try? PredictBody.parse(body, shape, table: entry.table, limits: limits)
        else { return nil }
        return entry.holding {
            let start = ContinuousClock.now
            let buckets = principal.requestBuckets
            guard let state = try? states(of: principal, buckets, model, call.address) else { return nil }
            let response = entry.deployment.runner.predictAtOnce(request)
            let milliseconds = start.duration(to: .now).milliseconds
            guard let response, let json = try? answer(response, shape, rows: request.rows, of: entry.deployment, milliseconds) else {
                limiter.putBack(buckets + (entry.deployment.api?.bucket.map { [$0] } ?? []))
                return nil
            }
            record(call, entry, status: 200, milliseconds, nil)
            return Immediate(json: json, state: state.tightest)
        }
    }

    /// Takes one from the limits of the caller and of the model's API, or from none.
    private func states(of principal: Principal, _ buckets: [RateBucket], _ model: ModelID, _ address: String?) throws -> RateStates {
        let account = try limiter.take(buckets)
        do {
            return RateStates(tightest: RateState.tightest(account, try admit(principal, to: model, from: address)?.state))
        } catch {
            limiter.putBack(buckets)
            throw error
        }
    }
}

/// A state that may be none, so that a failure to take one is told apart from it.
private struct RateStates {
    let tightest: RateState?
}
