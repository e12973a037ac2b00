internal import Domain
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// The request line to one worker: many requests in flight, each with its deadline.
struct WorkerConnection: Sendable {
    let channel: any Channel
    private let handler: NIOLoopBound<WorkerChannelHandler>
    private static let requestIDs = Atomic<UInt64>(1)

    /// Takes over a connected socket.
    static func open(socket: Int32, group: any EventLoopGroup) async throws -> WorkerConnection {
        try await ClientBootstrap(group: group)
            .withConnectedSocket(socket) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = WorkerChannelHandler()
                    try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(WorkerFrameProcessor()))
                    try channel.pipeline.syncOperations.addHandler(handler)
                    return WorkerConnection(channel: channel, handler: NIOLoopBound(handler, eventLoop: channel.eventLoop))
                }
            }
    }

    /// Sends a request and waits for the frame that answers it.
    ///
    /// - Throws: `predictionTimeout` after `deadline`; `unavailable` when the worker died first.
    func request(_ kind: WorkerFrame.Kind, header: [UInt8], payload: ByteBuffer = ByteBuffer(), deadline: TimeAmount) async throws -> WorkerFrame {
        let id = Self.requestIDs.wrappingAdd(1, ordering: .relaxed).oldValue
        let frame = WorkerFrame(kind, requestID: id, header: header, payload: payload)
        return try await withCheckedThrowingContinuation { continuation in
            if channel.eventLoop.inEventLoop {
                handler.value.send(frame, deadline: deadline, on: channel, continuation)
            } else {
                channel.eventLoop.execute { handler.value.send(frame, deadline: deadline, on: channel, continuation) }
            }
        }
    }
}

/// Feeds the frame decoder to NIO's pipeline.
private struct WorkerFrameProcessor: ByteToMessageDecoder {
    typealias InboundOut = WorkerFrame

    private var decoder = WorkerFrameDecoder()

    mutating func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) throws -> DecodingState {
        guard let frame = try decoder.decode(buffer: &buffer) else { return .needMoreData }
        context.fireChannelRead(Self.wrapInboundOut(frame))
        return .continue
    }

    mutating func decodeLast(context: ChannelHandlerContext, buffer: inout ByteBuffer, seenEOF: Bool) throws -> DecodingState {
        try decode(context: context, buffer: &buffer)
    }
}

/// Matches answers to requests. Lives on the channel's event loop.
final class WorkerChannelHandler: ChannelInboundHandler {
    typealias InboundIn = WorkerFrame

    private struct Pending {
        let continuation: CheckedContinuation<WorkerFrame, any Error>
        let timeout: Scheduled<Void>
    }

    private var pending: [UInt64: Pending] = [:]
    private var isClosed = false

    func send(_ frame: WorkerFrame, deadline: TimeAmount, on channel: any Channel, _ continuation: CheckedContinuation<WorkerFrame, any Error>) {
        guard !isClosed, channel.isActive else { return continuation.resume(throwing: Self.died) }
        let id = frame.requestID
        let loopBound = NIOLoopBound(self, eventLoop: channel.eventLoop)
        let timeout = channel.eventLoop.scheduleTask(in: deadline) {
            loopBound.value.expire(id, after: deadline)
        }
        pending[id] = Pending(continuation: continuation, timeout: timeout)
        var buffer = channel.allocator.buffer(capacity: 0)
        frame.write(into: &buffer)
        channel.writeAndFlush(buffer, promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = Self.unwrapInboundIn(data)
        guard let request = pending.removeValue(forKey: frame.requestID) else { return }
        request.timeout.cancel()
        request.continuation.resume(returning: frame)
    }

    func channelInactive(context: ChannelHandlerContext) {
        isClosed = true
        failAll(with: Self.died)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        failAll(with: Self.died)
        context.close(promise: nil)
    }

    private func expire(_ id: UInt64, after deadline: TimeAmount) {
        guard let request = pending.removeValue(forKey: id) else { return }
        let seconds = Double(deadline.nanoseconds) / 1e9
        request.continuation.resume(
            throwing: PlatformError(
                .predictionTimeout, "The model did not answer within \(seconds) seconds.",
                details: .object(["limit_seconds": .double(seconds)]), retryAfterSeconds: 1
            )
        )
    }

    private func failAll(with error: PlatformError) {
        for request in pending.values {
            request.timeout.cancel()
            request.continuation.resume(throwing: error)
        }
        pending = [:]
    }

    private static var died: PlatformError {
        PlatformError(.unavailable, "The process that runs the model ended; it is being started again.", retryAfterSeconds: 1)
    }
}
