internal import HTTPTypes
internal import NIOCore
internal import NIOHTTPTypes

/// Answers small predictions of models in memory where they arrive, on the event loop of the connection.
///
/// A request is held back until it is whole. When ``PredictResponder`` has no answer to it, it goes on to the router as it came; so does
/// everything while the router still owes an answer, since answers must leave in the order of their requests (RFC 9112 section 9.3.2).
final class PredictHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let responder: PredictResponder
    private var held: (head: HTTPRequest, read: PredictHead, body: ByteBuffer?)?
    /// Requests that went on and were not answered yet.
    private var passed = 0
    private var address: String?
    private var mustFlush = false

    init(responder: PredictResponder) {
        self.responder = responder
    }

    func handlerAdded(context: ChannelHandlerContext) {
        address = context.remoteAddress?.ipAddress
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (Self.unwrapInboundIn(data), held) {
        case (.head(let head), _):
            // A client that does not read its answers is held back by the router.
            guard passed == 0, context.channel.isWritable, let read = PredictHead(head) else { return pass(data, context) }
            held = (head, read, nil)
        case (.body(let bytes), .some(let request)):
            guard request.body == nil else {
                held?.body?.writeImmutableBuffer(bytes)
                return
            }
            held?.body = bytes
        case (.end(let trailers), .some(let request)):
            held = nil
            guard trailers == nil, answer(request.read, request.body, context) else {
                passOn(request.head, request.body, context)
                return context.fireChannelRead(data)
            }
        default: context.fireChannelRead(data)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if mustFlush { context.flush() }
        mustFlush = false
        context.fireChannelReadComplete()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = Self.unwrapOutboundIn(data) { passed -= 1 }
        context.write(data, promise: promise)
    }

    private func answer(_ head: PredictHead, _ body: ByteBuffer?, _ context: ChannelHandlerContext) -> Bool {
        guard let body, let (response, bytes) = responder.answer(head, body, from: address) else { return false }
        context.write(Self.wrapOutboundOut(.head(response)), promise: nil)
        context.write(Self.wrapOutboundOut(.body(bytes)), promise: nil)
        context.write(Self.wrapOutboundOut(.end(nil)), promise: nil)
        mustFlush = true
        return true
    }

    private func passOn(_ head: HTTPRequest, _ body: ByteBuffer?, _ context: ChannelHandlerContext) {
        pass(Self.wrapInboundOut(.head(head)), context)
        if let body { context.fireChannelRead(Self.wrapInboundOut(.body(body))) }
    }

    private func pass(_ head: NIOAny, _ context: ChannelHandlerContext) {
        passed += 1
        context.fireChannelRead(head)
    }
}
