internal import HummingbirdCore
internal import Logging
internal import NIOCore

/// A connection whose small predictions are answered before the router is asked.
struct PredictChannel: ServerChildChannel {
    let base: HTTP1Channel
    let responder: PredictResponder

    /// The handler stands behind those that watch over time and order of a connection, so that they see its requests as all others.
    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        base.setup(channel: channel, logger: logger).flatMapThrowing { value in
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(PredictHandler(responder: responder), position: .after(try pipeline.handler(type: HTTPConnectionStateHandler.self)))
            return value
        }
    }

    func handle(value: HTTP1Channel.Value, logger: Logger) async {
        await base.handle(value: value, logger: logger)
    }
}
