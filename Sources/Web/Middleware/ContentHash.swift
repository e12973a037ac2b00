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

    private let state: Mutex<State>

    init(_ request: Request, by caller: Principal) {
        var state = State(reader: try? MultipartReader(contentType: request.headers[.contentType]))
        // A key that may do less than another of the same user must not be shown the other's answers.
        let scope = caller.keyID?.rawValue ?? "login"
        state.hash.update(data: Array("\(scope) \(request.method.rawValue) \(request.uri.description)\n".utf8))
        self.state = Mutex(state)
    }

    /// The same bytes; those that passed are in the hash.
    func body(_ body: RequestBody) -> RequestBody {
        RequestBody(
            asyncSequence: body.map { chunk in
                try self.take(chunk)
                return chunk
            })
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
