internal import Crypto
internal import Domain
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import Synchronization
internal import Wire

/// SHA-256 of what a request asks for, taken while its body passes.
///
/// The boundary of a form is left out: clients choose a new one each time they send it.
final class ContentHash: Sendable {
    private struct State: Sendable {
        var hash = SHA256()
        var reader: MultipartReader?
    }

    private static let maximumBody = 8 << 20
    private let state: Mutex<State>

    init(_ request: Request, by caller: Principal) {
        var state = State(reader: try? MultipartReader(contentType: request.headers[.contentType]))
        // A key that may do less than another of the same user must not be shown the other's answers.
        let scope = caller.keyID?.rawValue ?? "login"
        state.hash.update(data: Array("\(scope) \(request.method.rawValue) \(request.uri.description)\n".utf8))
        self.state = Mutex(state)
    }

    /// The same request, whose body is in the hash when it was read: a form as it passes, anything else before anybody reads it.
    /// - Throws: `payloadTooLarge` for another body than a form beyond 8 MiB.
    func hashing(_ request: Request) async throws -> Request {
        var request = request
        guard state.withLock({ $0.reader == nil }) else {
            request.body = RequestBody(
                asyncSequence: request.body.map { chunk in
                    try self.take(chunk)
                    return chunk
                })
            return request
        }
        var bytes = ByteBuffer()
        for try await chunk in request.body {
            guard bytes.readableBytes + chunk.readableBytes <= Self.maximumBody else {
                throw PlatformError(
                    .payloadTooLarge, "With an Idempotency-Key a body may have \(Self.maximumBody) bytes.", details: .object(["limit_bytes": .int(Self.maximumBody)]))
            }
            bytes.writeImmutableBuffer(chunk)
        }
        try take(bytes)
        request.body = RequestBody(buffer: bytes)
        return request
    }

    var hexadecimal: String {
        state.withLock { $0.hash.finalize().hexadecimal }
    }

    private func take(_ chunk: ByteBuffer) throws {
        try state.withLock { state in
            guard var reader = state.reader else { return state.hash.update(data: chunk.readableBytesView) }
            defer { state.reader = reader }
            for event in try reader.read(chunk) {
                switch event {
                case .begin(let header): state.hash.update(data: Array("part \(header.name)\n\(header.filename ?? "")\n".utf8))
                case .data(let bytes): state.hash.update(data: bytes.readableBytesView)
                case .end: state.hash.update(data: Array("\nend\n".utf8))
                }
            }
        }
    }
}
