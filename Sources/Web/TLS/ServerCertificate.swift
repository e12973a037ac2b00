internal import Domain
internal import Foundation
package import Logging
internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import ServiceLifecycle
internal import Synchronization

/// The certificate of the server and its key, read again when their files change: a renewed one is used by the next connection, and a
/// broken one by none.
package final class ServerCertificate: Service {
    private static let interval = Duration.seconds(2)

    private struct Loaded {
        let chain: [NIOSSLCertificateSource]
        let key: NIOSSLPrivateKeySource
        let bytes: [Data]
    }

    private let certificatePath: String
    private let keyPath: String
    private let logger: Logger
    private let loaded: Mutex<Loaded>

    /// - Parameters:
    ///   - certificatePath: PEM, the server's own certificate first.
    ///   - keyPath: PEM.
    /// - Throws: `invalidInput` when they cannot be read or do not belong together.
    package init(certificatePath: String, keyPath: String, logger: Logger) throws {
        self.certificatePath = certificatePath
        self.keyPath = keyPath
        self.logger = logger
        loaded = Mutex(try Self.load(certificatePath, keyPath))
    }

    /// TLS 1.2 or newer, with the certificate of the moment for each connection.
    var configuration: TLSConfiguration {
        let first = loaded.withLock { $0 }
        var configuration = TLSConfiguration.makeServerConfiguration(certificateChain: first.chain, privateKey: first.key)
        configuration.minimumTLSVersion = .tlsv12
        configuration.sslContextCallback = { [self] _, promise in
            var override = NIOSSLContextConfigurationOverride()
            let current = loaded.withLock { $0 }
            override.certificateChain = current.chain
            override.privateKey = current.key
            promise.succeed(override)
        }
        return configuration
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: Self.interval)
                await self.reload()
            }
        }
    }

    private func reload() async {
        do {
            let fresh = try await NIOThreadPool.singleton.runIfActive { () -> Loaded? in
                let bytes = try Self.bytes(self.certificatePath, self.keyPath)
                guard self.loaded.withLock({ $0.bytes != bytes }) else { return nil }
                return try Self.load(self.certificatePath, self.keyPath)
            }
            guard let fresh else { return }
            loaded.withLock { $0 = fresh }
            logger.info("The certificate was renewed")
        } catch {
            logger.error("The certificate that serves stays: the files cannot be used", metadata: ["error": "\(error)"])
        }
    }

    private static func bytes(_ certificatePath: String, _ keyPath: String) throws -> [Data] {
        try [certificatePath, keyPath].map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
    }

    private static func load(_ certificatePath: String, _ keyPath: String) throws -> Loaded {
        do {
            let bytes = try bytes(certificatePath, keyPath)
            let chain = try NIOSSLCertificate.fromPEMBytes(Array(bytes[0])).map { NIOSSLCertificateSource.certificate($0) }
            let key = NIOSSLPrivateKeySource.privateKey(try NIOSSLPrivateKey(bytes: Array(bytes[1]), format: .pem))
            // Making a context finds a key that belongs to another certificate.
            _ = try NIOSSLContext(configuration: .makeServerConfiguration(certificateChain: chain, privateKey: key))
            return Loaded(chain: chain, key: key, bytes: bytes)
        } catch {
            throw PlatformError(.invalidInput, "'\(certificatePath)' and '\(keyPath)' are no certificate and its key in PEM.", cause: error)
        }
    }
}
