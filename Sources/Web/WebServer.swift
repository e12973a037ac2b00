internal import Domain
package import Hummingbird
package import Logging
internal import HummingbirdCore
internal import NIOCore

/// The HTTP server in front of the routes.
package enum WebServer {
    static let name = "martlet"

    /// - Parameter onListening: Called once with the port that is listened on.
    package static func application(
        _ services: AppServices, host: String, port: Int, timeLimits: RequestTimeLimits, logger: Logger, onListening: @escaping @Sendable (Int) async -> Void
    ) -> Application<RouterResponder<AppContext>> {
        let clock = services.clock
        let responder = PredictResponder(services, logger: logger)
        return Application(
            router: Router<AppContext>.martlet(services),
            server: HTTPServerBuilder { router in
                let handlers = HTTP1Channel.Configuration(
                    additionalChannelHandlers: [ContinueHandler(), ParseErrorHandler(clock: clock), SlowRequestHandler(limits: timeLimits, clock: clock)],
                    idleTimeout: .seconds(60)
                )
                return PredictChannel(base: HTTP1Channel(responder: router, configuration: handlers), responder: responder)
            },
            configuration: ApplicationConfiguration(address: .hostname(host, port: port), serverName: name),
            onServerRunning: { channel in await onListening(channel.localAddress?.port ?? port) },
            logger: logger
        )
    }
}
