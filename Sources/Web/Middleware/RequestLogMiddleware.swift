internal import Access
internal import Domain
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOCore

/// Gives every request an id, logs it once it was answered, and names the id in the answer.
struct RequestLogMiddleware: RouterMiddleware {
    let clock: any WallClock
    let proxies: TrustedProxies
    let metrics: RequestMetrics

    func handle(_ request: Request, context: AppContext, next: @concurrent (Request, AppContext) async throws -> Response) async throws -> Response {
        var context = context
        let start = ContinuousClock.now
        context.isEncrypted = proxies.isEncrypted(peer: context.address, in: request.headers)
        context.address = proxies.client(peer: context.address, in: request.headers)
        context.requestID = RequestLog.id(request.headers, at: clock.now)
        context.logger[metadataKey: "request_id"] = .string(context.requestID)
        let origin = RequestOrigin(address: context.address, requestID: context.requestID)
        var response = try await RequestOrigin.$current.withValue(origin) { [context] in try await next(request, context) }
        if let header = RequestLog.header { response.headers[header] = context.requestID }
        metrics.series(context.endpointPath ?? "other", request.method.rawValue).record(
            status: response.status.code, seconds: start.duration(to: .now).milliseconds / 1000)
        RequestLog.write(request.method, request.uri.path, response.status, since: start, from: context.address, context.requestID, to: context.logger)
        return response
    }
}

extension TrustedProxies {
    private static let header = HTTPField.Name("X-Forwarded-For")
    private static let scheme = HTTPField.Name("X-Forwarded-Proto")

    func client(peer: String?, in headers: HTTPFields) -> String? {
        client(peer: peer, forwarded: Self.header.flatMap { headers[$0] })
    }

    func isEncrypted(peer: String?, in headers: HTTPFields) -> Bool {
        isEncrypted(peer: peer, scheme: Self.scheme.flatMap { headers[$0] })
    }
}
