internal import NIOCore
internal import Synchronization

/// What a model printed: the last 256 KiB of it.
package final class WorkerLog: Sendable {
    private static let limit = 256 << 10
    private struct State {
        var bytes: [UInt8] = []
        var droppedBytes = 0
    }

    private let state = Mutex(State())

    package init() {}

    func append(_ new: ByteBufferView) {
        state.withLock { state in
            state.bytes += new
            let excess = state.bytes.count - Self.limit
            if excess > 0 {
                state.bytes.removeFirst(excess)
                state.droppedBytes += excess
            }
        }
    }

    /// The text so far; says how much is missing before it.
    package var text: String {
        state.withLock { state in
            let head = state.droppedBytes > 0 ? "[\(state.droppedBytes) bytes before this were dropped]\n" : ""
            return head + String(decoding: state.bytes, as: UTF8.self)
        }
    }
}

/// Reads a worker's output into its log.
final class WorkerOutputHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let log: WorkerLog

    init(_ log: WorkerLog) {
        self.log = log
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        log.append(Self.unwrapInboundIn(data).readableBytesView)
    }
}
