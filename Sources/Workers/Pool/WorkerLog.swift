internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// What a model prints: gathered on the event loop, and written to the version's log on a thread pool.
package final class WorkerLog: Sendable {
    /// Bytes that wait to be written, or, before there is a file, that are kept at all.
    private static let limit = 256 << 10

    private struct State {
        var bytes: [UInt8] = []
        var droppedBytes = 0
        var file: LogFile?
        var isWriting = false
    }

    private let state = Mutex(State())

    package init() {}

    /// From now on, and with everything so far, the output goes to `file`, below a line that says who writes.
    func keep(in file: LogFile, under heading: String) {
        state.withLock { state in
            state.file = file
            state.bytes.insert(contentsOf: "\(heading)\n".utf8, at: 0)
        }
        write()
    }

    func append(_ new: ByteBufferView) {
        state.withLock { state in
            state.bytes += new
            let excess = state.bytes.count - Self.limit
            if excess > 0 {
                state.bytes.removeFirst(excess)
                state.droppedBytes += excess
            }
        }
        write()
    }

    /// What is held in memory; says how much is missing before it.
    package var text: String {
        state.withLock { String(decoding: Self.take($0), as: UTF8.self) }
    }

    private static func take(_ state: State) -> [UInt8] {
        state.droppedBytes > 0 ? Array("[\(state.droppedBytes) bytes before this were dropped]\n".utf8) + state.bytes : state.bytes
    }

    /// Starts one writer, unless there is one already: it goes on until nothing waits.
    private func write() {
        let starts = state.withLock { state in
            guard state.file != nil, !state.isWriting, !state.bytes.isEmpty else { return false }
            state.isWriting = true
            return true
        }
        guard starts else { return }
        NIOThreadPool.singleton.submit { _ in
            while let (file, bytes) = self.next() { file.append(bytes) }
        }
    }

    private func next() -> (LogFile, [UInt8])? {
        state.withLock { state in
            guard let file = state.file, !state.bytes.isEmpty else {
                state.isWriting = false
                return nil
            }
            defer {
                state.bytes = []
                state.droppedBytes = 0
            }
            return (file, Self.take(state))
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
