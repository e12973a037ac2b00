internal import Domain
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOCore

/// Gives every request an id, logs it once it was answered, and names the id in the answer.
struct RequestLogMiddleware: RouterMiddleware {
    static let header = HTTPField.Name("X-Request-ID")
    let clock: any WallClock

    func handle(_ request: Request, context: AppContext, next: @concurrent (Request, AppContext) async throws -> Response) async throws -> Response {
        var context = context
        let start = ContinuousClock.now
        context.requestID = Self.header.flatMap { request.headers[$0] }.flatMap(Self.plain) ?? Self.makeID(at: clock.now)
        context.logger[metadataKey: "request_id"] = .string(context.requestID)
        let origin = RequestOrigin(address: context.address, requestID: context.requestID)
        var response = try await RequestOrigin.$current.withValue(origin) { [context] in try await next(request, context) }
        if let header = Self.header { response.headers[header] = context.requestID }
        let milliseconds = start.duration(to: .now).milliseconds
        let level: Logger.Level = response.status.code >= 500 ? .error : request.uri.path.hasPrefix("/health") ? .debug : .info
        context.logger.log(
            level: level, "request",
            metadata: [
                "method": "\(request.method)", "path": "\(request.uri.path)", "status": "\(response.status.code)",
                "duration_ms": "\((milliseconds * 1000).rounded() / 1000)", "remote": "\(context.address ?? "-")",
            ]
        )
        return response
    }

    static func makeID(at now: Timestamp) -> String { Identifier<RequestMark>(at: now).rawValue }

    private static func plain(_ text: String) -> String? {
        let isPlain = text.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0) || $0 == 0x2d || $0 == 0x5f || $0 == 0x2e
        }
        return isPlain && (1...128).contains(text.utf8.count) ? text : nil
    }

    private enum RequestMark: Identified {
        static let idPrefix = "req_"
    }
}
