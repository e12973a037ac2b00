internal import Domain
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import Wire

/// Turns every failure into the one error format, and adds the headers that every answer has.
struct ErrorMiddleware: RouterMiddleware {
    let clock: any WallClock
    let methods: RouteMethods
    /// Whether browsers are told to come by TLS only: RFC 6797.
    let isSecure: Bool

    func handle(_ request: Request, context: AppContext, next: @concurrent (Request, AppContext) async throws -> Response) async throws -> Response {
        do {
            var response = try await next(request, context)
            harden(&response)
            return response
        } catch {
            return try answer(to: error, request, context)
        }
    }

    private func answer(to error: any Error, _ request: Request, _ context: AppContext) throws -> Response {
        var headers: HTTPFields = [:]
        let failure: PlatformError
        if let error = error as? HTTPError, error.status == .notFound {
            let allowed = methods.methods(at: request.uri.path)
            if allowed.isEmpty {
                failure = PlatformError(
                    .notFound, "There is nothing at '\(request.uri.path.prefix(200))'.", details: .object(["path": .string(String(request.uri.path.prefix(200)))]))
            } else {
                headers[.allow] = allowed.joined(separator: ", ")
                failure = PlatformError(
                    .methodNotAllowed, "\(request.method.rawValue) is not possible here; \(allowed.joined(separator: ", ")) is.",
                    details: .object(["allowed_methods": .strings(allowed)])
                )
            }
        } else {
            failure = PlatformError(anyError: error)
        }
        if let seconds = failure.retryAfterSeconds { headers[.retryAfter] = "\(seconds)" }
        RateHeaders.write(failure, to: &headers)
        if failure.code == .unauthorized { headers[.wwwAuthenticate] = "Bearer" }
        // The rest of a refused body is not read: the connection cannot be used again.
        if failure.code == .payloadTooLarge { headers[.connection] = "close" }
        if let cause = failure.cause { context.logger.error("failure", metadata: ["code": "\(failure.code.rawValue)", "cause": "\(cause)"]) }
        var response = try Answer.json(
            ErrorBody.body(failure, requestID: context.requestID, at: clock.now), status: failure.code.status, headers: headers
        )
        harden(&response)
        return response
    }

    private func harden(_ response: inout Response) {
        response.headers[.xContentTypeOptions] = "nosniff"
        if isSecure { response.headers[.strictTransportSecurity] = "max-age=31536000" }
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
    }
}

/// Which methods each route answers, for 405 and its `Allow`.
final class RouteMethods: Sendable {
    struct Route: Sendable {
        let segments: [String]
        let method: String
    }

    private let routes: [Route]

    init(_ routes: [Route]) {
        self.routes = routes
    }

    /// A name in a path is taken before a parameter at the same place.
    func methods(at path: String) -> [String] {
        let segments = path.split(separator: "/").map(String.init)
        var matching = routes.filter { route in
            route.segments.count == segments.count && zip(route.segments, segments).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
        }
        for (place, segment) in segments.enumerated() {
            let named = matching.filter { $0.segments[place] == segment }
            if !named.isEmpty { matching = named }
        }
        return Set(matching.map(\.method)).sorted()
    }
}
