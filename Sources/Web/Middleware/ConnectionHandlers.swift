internal import Domain
internal import HTTPTypes
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPTypes
internal import Wire

/// Answers `Expect: 100-continue` (RFC 9110 section 10.1.1), so that a client with a large body need not wait.
final class ContinueHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias OutboundOut = HTTPResponsePart

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .head(let request) = Self.unwrapInboundIn(data), request.headerFields[.expect]?.lowercased() == "100-continue" {
            context.writeAndFlush(Self.wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
        }
        context.fireChannelRead(data)
    }
}

/// Answers bytes that are no HTTP in the one error format, and closes.
final class ParseErrorHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias OutboundOut = HTTPResponsePart

    private let clock: any WallClock

    init(clock: any WallClock) {
        self.clock = clock
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError else { return context.fireErrorCaught(error) }
        let failure =
            error == .headerOverflow
            ? PlatformError(.headersTooLarge, "The header of the request is larger than 80 KiB.", details: .object(["limit_bytes": 81_920]))
            : PlatformError(.invalidInput, "The request is not HTTP/1.1.")
        context.closeAfterWriting(failure, at: clock.now)
    }
}

extension ChannelHandlerContext {
    /// Answers a failure in the one error format from below the router, and closes the connection.
    func closeAfterWriting(_ failure: PlatformError, at now: Timestamp) {
        let requestID = RequestLog.makeID(at: now)
        let body = ControlJSON.encode(ErrorBody.body(failure, requestID: requestID, at: now))
        var head = HTTPResponse(
            status: failure.code.status,
            headerFields: [.contentType: "application/json", .contentLength: "\(body.count)", .connection: "close"]
        )
        if let name = RequestLog.header { head.headerFields[name] = requestID }
        write(NIOAny(HTTPResponsePart.head(head)), promise: nil)
        write(NIOAny(HTTPResponsePart.body(ByteBuffer(bytes: body))), promise: nil)
        let channel = channel
        writeAndFlush(NIOAny(HTTPResponsePart.end(nil))).whenComplete { _ in channel.close(promise: nil) }
    }
}
