internal import Domain
internal import HTTPTypes
internal import NIOCore
internal import NIOHTTPTypes

/// How long a client may take over one request.
package struct RequestTimeLimits: Sendable {
    /// From the first byte of a request to the end of its header.
    package var header: Duration
    /// A body must bring ``minimumBytes`` or its end in every such interval.
    package var interval: Duration
    package var minimumBytes = 4096
    /// From the header to the end of the body.
    package var total: Duration

    package init(header: Duration = .seconds(20), interval: Duration = .seconds(30), total: Duration) {
        self.header = header
        self.interval = interval
        self.total = total
    }
}

/// Ends requests that come too slowly to be meant, so that a handful of clients cannot hold every connection (CWE-400, "slowloris").
///
/// Time in which the server itself does not read (back pressure) is not held against the client.
final class SlowRequestHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private enum Phase {
        case idle
        case header
        case body(until: NIODeadline)
    }

    private let limits: RequestTimeLimits
    private let clock: any WallClock
    private var phase = Phase.idle
    /// When the request is looked at next.
    private var deadline: NIODeadline?
    /// Runs at ``deadline`` or before; most requests are over by then, so it is set rarely and not once a request.
    private var timer: (task: Scheduled<Void>, at: NIODeadline)?
    private var received = 0
    private var isReading = false
    private var sawRequest = false
    private var isAnswering = false

    init(limits: RequestTimeLimits, clock: any WallClock) {
        self.limits = limits
        self.clock = clock
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        sawRequest = true
        switch Self.unwrapInboundIn(data) {
        case .head:
            phase = .body(until: .now() + .init(limits.total))
            watch(context, for: limits.interval)
        case .body(let bytes): received += bytes.readableBytes
        case .end:
            phase = .idle
            deadline = nil
        }
        context.fireChannelRead(data)
    }

    /// Bytes came, but no header yet: it has begun.
    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        defer { sawRequest = false }
        if case .idle = phase, !isAnswering, !sawRequest {
            phase = .header
            watch(context, for: limits.header)
        }
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        isReading = true
        context.read()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch Self.unwrapOutboundIn(data) {
        case .head(let head): isAnswering = head.status.kind != .informational
        case .end: isAnswering = false
        case .body: break
        }
        context.write(data, promise: promise)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.task.cancel()
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.task.cancel()
        context.fireChannelInactive()
    }

    private func watch(_ context: ChannelHandlerContext, for time: Duration) {
        received = 0
        let deadline = NIODeadline.now() + .init(time)
        self.deadline = deadline
        if timer.map({ $0.at > deadline }) ?? true { wake(context, at: deadline) }
    }

    private func wake(_ context: ChannelHandlerContext, at time: NIODeadline) {
        timer?.task.cancel()
        let bound = context.loopBound
        let task = context.eventLoop.assumeIsolated().scheduleTask(deadline: time) {
            self.timer = nil
            guard let deadline = self.deadline else { return }
            if deadline <= .now() { self.check(bound.value) } else { self.wake(bound.value, at: deadline) }
        }
        timer = (task, time)
    }

    private func check(_ context: ChannelHandlerContext) {
        switch phase {
        case .idle: break
        case .header: refuse(context, "The header of the request did not come within \(limits.header.components.seconds) s.")
        case .body(let end) where .now() >= end:
            refuse(context, "The request did not come within \(limits.total.components.seconds) s.")
        case .body:
            guard received < limits.minimumBytes, isReading else { return watch(context, for: limits.interval) }
            refuse(context, "Fewer than \(limits.minimumBytes) bytes of the request came in \(limits.interval.components.seconds) s.")
        }
    }

    private func refuse(_ context: ChannelHandlerContext, _ message: String) {
        phase = .idle
        deadline = nil
        guard !isAnswering else { return context.close(promise: nil) }
        context.closeAfterWriting(PlatformError(.requestTimeout, message), at: clock.now)
    }
}
