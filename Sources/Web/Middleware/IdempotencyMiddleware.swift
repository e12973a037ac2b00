internal import Domain
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import Wire

/// Gives a request that is sent again with the same `Idempotency-Key` the first answer, and no second effect.
///
/// https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/: 409 while the first is at work, 422 for other content. Only
/// answers of success are kept, for a day: what failed had no effect, and its key can be used again.
struct IdempotencyMiddleware: RouterMiddleware {
    private static let header = HTTPField.Name("Idempotency-Key")
    private static let replayed = HTTPField.Name("Idempotent-Replayed")
    /// Bytes; a longer answer is not kept.
    private static let maximumAnswer = 256 << 10
    /// Their answers show secrets, which are never written down.
    private static let secrets = ["/api/v1/api-keys", "/api/v1/auth", "/api/v1/invitations", "/api/v1/webhooks"]
    let requests: any IdempotencyRepository
    let clock: any WallClock

    func handle(_ request: Request, context: AppContext, next: @concurrent (Request, AppContext) async throws -> Response) async throws -> Response {
        guard let name = Self.header, let key = request.headers[name], [.post, .patch].contains(request.method), let caller = context.caller else {
            return try await next(request, context)
        }
        guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else {
            throw PlatformError(.invalidInput, "Expected an Idempotency-Key of 1 to 255 printable ASCII characters.")
        }
        var own = IdempotentRequest(userID: caller.userID, key: key, createdAt: clock.now)
        let hash = ContentHash(request, by: caller)
        let sent = try await hash.hashing(request)
        if let earlier = try await requests.begin(own) { return try await replay(earlier, hash, sent) }
        let response: Response
        do {
            response = try await next(sent, context)
        } catch {
            try await requests.forget(own)
            throw error
        }
        let route = context.endpointPath ?? ""
        // A prediction has no effect but its answer, and what is kept of that is for its model's owner to say.
        guard response.status != .ok || !Self.isPrediction(route) else {
            try await requests.forget(own)
            return response
        }
        let (kept, answer) = try await keep(response, route)
        own.fingerprint = hash.hexadecimal
        own.state = .done(answer: answer)
        try await requests.finish(own)
        return kept
    }

    private static func isPrediction(_ route: String) -> Bool {
        route.contains("/predict") || route.hasSuffix("/{endpoint}") || route.hasSuffix("/{endpoint}/batch")
    }

    private func replay(_ earlier: IdempotentRequest, _ hash: ContentHash, _ request: Request) async throws -> Response {
        switch earlier.state {
        case .running:
            throw PlatformError(.conflict, "The first request with this Idempotency-Key is still at work.", retryAfterSeconds: 1)
        case .interrupted:
            throw PlatformError(
                .conflict,
                "The server stopped during the first request with this Idempotency-Key; whether it was carried out is not known. hint: look, and use another key.")
        case .done(let answer):
            for try await _ in request.body {}
            guard hash.hexadecimal == earlier.fingerprint else {
                throw PlatformError(.unprocessable, "This Idempotency-Key was used for a request with another content.")
            }
            guard let answer else {
                throw PlatformError(.conflict, "The request was carried out already; its answer held a secret or was too long to be kept, and is not given twice.")
            }
            var headers: HTTPFields = [:]
            if let name = Self.replayed { headers[name] = "true" }
            return Answer.bytes(Array(answer.json.utf8), type: "application/json", status: HTTPResponse.Status(code: answer.status), headers: headers)
        }
    }

    /// The response with its body in memory, and what is kept of it.
    private func keep(_ response: Response, _ route: String) async throws -> (Response, IdempotentRequest.Answer?) {
        let isSecret = route.isEmpty || Self.secrets.contains { route.hasPrefix($0) }
        guard !isSecret, let length = response.body.contentLength, length <= Self.maximumAnswer else { return (response, nil) }
        let collected = CollectedBody()
        try await response.body.write(collected)
        var response = response
        response.body = ResponseBody(byteBuffer: collected.bytes)
        return (response, IdempotentRequest.Answer(status: response.status.code, json: String(buffer: collected.bytes)))
    }
}

/// Takes a response's body into memory.
private final class CollectedBody: ResponseBodyWriter {
    private(set) var bytes = ByteBuffer()

    func write(_ buffer: ByteBuffer) {
        bytes.writeImmutableBuffer(buffer)
    }

    consuming func finish(_ trailingHeaders: HTTPFields?) {}
}
