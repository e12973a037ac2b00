package import Domain
package import Wire

extension PredictionService {
    /// Admits and predicts a small request on the caller's thread, where the model is in memory.
    /// - Parameter path: The last parts of the request's path: `predict`, or what the model's own API is called.
    /// - Returns: nil where ``admit(_:to:)`` and ``predict(_:_:with:call:)`` must be gone through, also for every failure: nothing was
    ///   taken from a limit or counted then.
    package func predictAtOnce(_ body: [UInt8], _ shape: PredictBody.Shape, model: ModelID, path: Substring, call: PredictionCall, by principal: Principal)
        -> [UInt8]?
    {
        guard let entry = serving(model), !(entry.deployment.api?.isAsync ?? false), path == "predict" || entry.deployment.api?.endpointPath.dropFirst() == path
        else { return nil }
        return entry.holding {
            let start = ContinuousClock.now
            guard (try? admit(principal, to: model)) != nil else { return nil }
            guard let request = try? PredictBody.parse(body, shape, table: entry.table, limits: limits),
                let response = entry.deployment.runner.predictAtOnce(request)
            else {
                putBack(entry.deployment)
                return nil
            }
            let milliseconds = start.duration(to: .now).milliseconds
            guard let answer = try? self.answer(response, shape, rows: request.rows, of: entry.deployment, milliseconds) else {
                putBack(entry.deployment)
                return nil
            }
            record(call, entry, status: 200, milliseconds, nil)
            return answer
        }
    }
}
