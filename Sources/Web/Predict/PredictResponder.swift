internal import Access
internal import Domain
internal import HTTPTypes
internal import Logging
internal import NIOCore
internal import Serving
internal import Synchronization
internal import Wire

/// Makes the answer to a prediction without the router: by the same rules, from the same snapshots, with the same log line.
final class PredictResponder: Sendable {
    private struct Target {
        let model: ModelID
        let path: Substring
        let shape: PredictBody.Shape
    }

    private let authenticator: Authenticator
    private let predictions: PredictionService
    private let proxies: TrustedProxies
    private let clock: any WallClock
    private let logger: Logger
    private let single: RequestMetrics.Series
    private let batch: RequestMetrics.Series
    private let date = Mutex((second: Int64(0), text: ""))

    init(_ services: AppServices, logger: Logger) {
        authenticator = services.access.authenticator
        predictions = services.predictions
        proxies = services.access.proxies
        clock = services.clock
        self.logger = logger
        single = services.metrics.series("\(PredictHead.prefix){model_id}/predict", "POST")
        batch = services.metrics.series("\(PredictHead.prefix){model_id}/predict/batch", "POST")
    }

    /// - Returns: nil where the router must answer.
    func answer(_ head: PredictHead, _ body: ByteBuffer, from address: String?) -> (HTTPResponse, ByteBuffer)? {
        let start = ContinuousClock.now
        let address = proxies.client(peer: address, forwarded: head.forwarded)
        guard let target = target(head.path), let secret = try? AuthenticationMiddleware.secret(key: head.key, authorization: head.authorization),
            let principal = authenticator.knownPrincipal(for: secret, from: address)
        else { return nil }
        let call = PredictionCall(principal, target.shape, from: address)
        guard
            let answer = predictions.predictAtOnce(
                Array(body.readableBytesView), target.shape, model: target.model, path: target.path, call: call, by: principal)
        else { return nil }
        let requestID = RequestLog.id(given: head.requestID, at: clock.now)
        var headers = headers(requestID, length: answer.result.json.count)
        if let state = answer.state { RateHeaders.write(state, to: &headers) }
        if let warning = answer.result.warning { RateHeaders.write(warning, to: &headers) }
        let response = HTTPResponse(status: .ok, headerFields: headers)
        let seconds = start.duration(to: .now).milliseconds / 1000
        if case .single = target.shape { single.record(status: 200, seconds: seconds) } else { batch.record(status: 200, seconds: seconds) }
        RequestLog.write(.post, head.path, .ok, since: start, from: address, requestID, to: logger)
        return (response, ByteBuffer(bytes: answer.result.json))
    }

    /// `{model_id}/{path}` or `{model_id}/{path}/batch`
    private func target(_ path: String) -> Target? {
        let rest = path.utf8.dropFirst(PredictHead.prefix.utf8.count)
        guard let end = rest.firstIndex(of: UInt8(ascii: "/")) else { return nil }
        // What is no id is found in no snapshot.
        let model = ModelID(stored: String(Substring(rest[..<end])))
        let name = rest[rest.index(after: end)...]
        guard let slash = name.firstIndex(of: UInt8(ascii: "/")) else { return Target(model: model, path: Substring(name), shape: .single) }
        guard name[slash...].elementsEqual("/batch".utf8) else { return nil }
        return Target(model: model, path: Substring(name[..<slash]), shape: .batch)
    }

    private func headers(_ requestID: String, length: Int) -> HTTPFields {
        var headers: HTTPFields = [
            .contentType: "application/json", .contentLength: String(length), .xContentTypeOptions: "nosniff", .cacheControl: "no-store", .date: today(),
            .server: WebServer.name,
        ]
        if let name = RequestLog.header { headers[name] = requestID }
        return headers
    }

    /// The date, made once a second.
    private func today() -> String {
        let now = clock.now
        return date.withLock { date in
            if date.second != now.milliseconds / 1000 {
                date = (now.milliseconds / 1000, now.httpDate)
            }
            return date.text
        }
    }
}
