internal import Domain
package import Hummingbird
internal import HummingbirdCore
internal import HummingbirdHTTP2
package import Logging
internal import NIOCore

/// Where and how the server listens.
package struct Listening: Sendable {
    package let host: String
    package let port: Int
    package let timeLimits: RequestTimeLimits
    /// nil: without TLS.
    package let certificate: ServerCertificate?

    package init(host: String, port: Int, timeLimits: RequestTimeLimits, certificate: ServerCertificate?) {
        self.host = host
        self.port = port
        self.timeLimits = timeLimits
        self.certificate = certificate
    }
}

/// The HTTP server in front of the routes.
package enum WebServer {
    static let name = "martlet"
    private static let idleSeconds: Int64 = 60

    /// - Parameter onListening: Called once with the port that is listened on.
    package static func application(
        _ services: AppServices, at listening: Listening, logger: Logger, onListening: @escaping @Sendable (Int) async -> Void
    ) -> Application<RouterResponder<AppContext>> {
        Application(
            router: Router<AppContext>.martlet(services),
            server: listening.certificate.map { secure($0, services, listening.timeLimits) } ?? plain(services, listening.timeLimits, logger),
            configuration: ApplicationConfiguration(address: .hostname(listening.host, port: listening.port), serverName: name),
            onServerRunning: { channel in await onListening(channel.localAddress?.port ?? listening.port) },
            logger: logger
        )
    }

    /// HTTP/1.1, where small predictions are answered before the router is asked.
    private static func plain(_ services: AppServices, _ limits: RequestTimeLimits, _ logger: Logger) -> HTTPServerBuilder {
        let responder = PredictResponder(services, logger: logger)
        return HTTPServerBuilder { router in
            PredictChannel(base: HTTP1Channel(responder: router, configuration: connection(services, limits)), responder: responder)
        }
    }

    /// HTTP/2 or HTTP/1.1 over TLS, as the client chooses.
    private static func secure(_ certificate: ServerCertificate, _ services: AppServices, _ limits: RequestTimeLimits) -> HTTPServerBuilder {
        HTTPServerBuilder { router in
            TimedHandshake(
                base: try HTTP2UpgradeChannel(
                    tlsConfiguration: certificate.configuration,
                    configuration: HTTP2ChannelConfiguration(idleTimeout: .seconds(idleSeconds), streamConfiguration: connection(services, limits)),
                    responder: router))
        }
    }

    private static func connection(_ services: AppServices, _ limits: RequestTimeLimits) -> HTTP1Channel.Configuration {
        let clock = services.clock
        return HTTP1Channel.Configuration(
            additionalChannelHandlers: [ContinueHandler(), ParseErrorHandler(clock: clock), SlowRequestHandler(limits: limits, clock: clock)],
            idleTimeout: .seconds(idleSeconds))
    }
}
