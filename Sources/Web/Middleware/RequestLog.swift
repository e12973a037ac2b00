internal import Domain
internal import HTTPTypes
internal import Logging

/// The id that every request has, and the line that is written once it was answered.
enum RequestLog {
    static let header = HTTPField.Name("X-Request-ID")

    /// The id that the client gave, when it is short and plain; else a new one.
    static func id(_ headers: HTTPFields, at now: Timestamp) -> String { id(given: header.flatMap { headers[$0] }, at: now) }

    static func id(given id: String?, at now: Timestamp) -> String { id.flatMap(plain) ?? makeID(at: now) }

    static func makeID(at now: Timestamp) -> String { Identifier<RequestMark>(at: now).rawValue }

    static func write(
        _ method: HTTPRequest.Method, _ path: String, _ status: HTTPResponse.Status, since start: ContinuousClock.Instant, from address: String?,
        _ requestID: String, to logger: Logger
    ) {
        let milliseconds = start.duration(to: .now).milliseconds
        let level: Logger.Level = status.code >= 500 ? .error : path.hasPrefix("/health") ? .debug : .info
        logger.log(
            level: level, "request",
            metadata: [
                "method": .string(method.rawValue), "path": .string(path), "status": .string(String(status.code)),
                "duration_ms": .string(((milliseconds * 1000).rounded() / 1000).description), "remote": .string(address ?? "-"), "request_id": .string(requestID),
            ]
        )
    }

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
