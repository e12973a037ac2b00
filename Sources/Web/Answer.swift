internal import Domain
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import Wire

/// Makes responses.
enum Answer {
    static func json(_ value: JSONValue, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) throws -> Response {
        bytes(ControlJSON.encode(value), type: "application/json", status: status, headers: headers)
    }

    static func bytes(_ bytes: [UInt8], type: String, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) -> Response {
        var headers = headers
        headers[.contentType] = type
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// `{"success": true, …}`
    static func success(_ members: [String: JSONValue], status: HTTPResponse.Status = .ok) throws -> Response {
        try json(.object(members.merging(["success": true]) { own, _ in own }), status: status)
    }
}

extension Request {
    /// Reads and decodes a JSON body.
    /// - Throws: `unsupportedMediaType`, `payloadTooLarge`, `invalidJSON`, `schemaViolation`.
    func json<Body: Decodable>(_ type: Body.Type) async throws -> Body {
        try ControlJSON.decode(type, from: try await bytes(limit: 1 << 20))
    }

    /// Reads a JSON body of at most `limit` bytes.
    func bytes(limit: Int) async throws -> [UInt8] {
        if let type = headers[.contentType]?.lowercased(), !type.hasPrefix("application/json"), !type.contains("+json") {
            throw PlatformError(.unsupportedMediaType, "Expected the content type application/json, found '\(type.prefix(100))'.")
        }
        let tooLarge = PlatformError(.payloadTooLarge, "The body is larger than \(limit) bytes.", details: .object(["limit_bytes": .int(limit)]))
        if let length = headers[.contentLength].flatMap({ Int($0) }), length > limit { throw tooLarge }
        var bytes: [UInt8] = []
        for try await chunk in body {
            guard bytes.count + chunk.readableBytes <= limit else { throw tooLarge }
            bytes.append(contentsOf: chunk.readableBytesView)
        }
        return bytes
    }

    /// A query parameter; nil when it is not given or empty. A plus is a space, as forms and most clients write it:
    /// https://url.spec.whatwg.org/#urlencoded-parsing
    func query(_ name: Substring) -> String? {
        for pair in (uri.query ?? "").split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts[0] == name, parts.count == 2, !parts[1].isEmpty else { continue }
            let text = String(parts[1].replacing("+", with: " "))
            return text.removingPercentEncoding ?? text
        }
        return nil
    }

    func flag(_ name: Substring) throws -> Bool? {
        switch query(name)?.lowercased() {
        case nil: nil
        case "true", "1": true
        case "false", "0": false
        default: throw PlatformError.field("/\(name)", "expected true or false")
        }
    }

    /// A moment in RFC 3339.
    func moment(_ name: Substring) throws -> Timestamp? {
        try query(name).map { text in
            guard let moment = Timestamp(text) else { throw PlatformError.field("/\(name)", "expected a time in RFC 3339 (2030-01-31T00:00:00Z)") }
            return moment
        }
    }

    /// The place in a list after which to go on.
    func cursor() throws -> ModelQuery.Cursor? {
        try query("cursor").map { text in
            guard let cursor = ModelQuery.Cursor(text) else { throw PlatformError.field("/cursor", "expected the next_cursor of an earlier answer") }
            return cursor
        }
    }

    /// A number in a range, or the standard one.
    func number(_ name: Substring, in range: ClosedRange<Int>, default standard: Int) throws -> Int {
        guard let text = query(name) else { return standard }
        guard let number = Int(text), range.contains(number) else {
            throw PlatformError.field("/\(name)", "expected \(range.lowerBound) to \(range.upperBound), found '\(text.prefix(20))'")
        }
        return number
    }
}
