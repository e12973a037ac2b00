internal import AsyncHTTPClient
package import Domain
package import Logging
internal import NIOCore
internal import NIOHTTP1
internal import ServiceLifecycle
internal import Synchronization

/// Sends events to webhooks, and again with growing pauses until they are taken or given up.
package final class WebhookDeliverer: Service {
    private static let atOnce = 32
    private static let timeout = TimeAmount.seconds(10)
    /// Each pause is so many times the one before.
    private static let growth: Int64 = 4
    private let webhooks: any WebhookRepository
    private let secrets: WebhookSecrets
    private let networks: [AddressRange]
    private let firstPause: Int64
    private let clock: any WallClock
    private let logger: Logger
    private let wakes: (stream: AsyncStream<Void>, continuation: AsyncStream<Void>.Continuation)

    /// - Parameters:
    ///   - networks: What may be called although it is not public.
    ///   - firstPause: Milliseconds between the first attempt and the second.
    package init(
        webhooks: any WebhookRepository, secrets: WebhookSecrets, networks: [AddressRange], firstPause: Int64, clock: any WallClock, logger: Logger
    ) {
        self.webhooks = webhooks
        self.secrets = secrets
        self.networks = networks
        self.firstPause = firstPause
        self.clock = clock
        self.logger = logger
        wakes = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Says that there is something to send.
    package func wake() { wakes.continuation.yield() }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.tick() }
                group.addTask {
                    for await _ in self.wakes.stream { await self.sendDue() }
                }
            }
        }
    }

    /// What waits for its next attempt is looked for often enough.
    private func tick() async {
        while !Task.isCancelled {
            wake()
            try? await Task.sleep(for: .milliseconds(min(1000, max(50, firstPause / 2))))
        }
    }

    private func sendDue() async {
        do {
            while case let due = try await webhooks.due(at: clock.now, limit: Self.atOnce), !due.isEmpty {
                await withDiscardingTaskGroup { group in
                    for (delivery, webhook) in due { group.addTask { await self.send(delivery, to: webhook) } }
                }
                try Task.checkCancellation()
            }
        } catch is CancellationError {
            return
        } catch {
            logger.error("Webhooks were not read", metadata: ["error": "\(error)"])
        }
    }

    private func send(_ delivery: WebhookDelivery, to webhook: Webhook) async {
        var delivery = delivery
        let start = ContinuousClock.now
        var isGone = false
        do {
            guard webhook.isActive else { throw WebhookFailure("the webhook is switched off") }
            let status = try await post(delivery, to: webhook)
            delivery.lastStatus = status
            delivery.lastError = (200...299).contains(status) ? nil : "answered with status \(status)"
            isGone = status == 410
        } catch is CancellationError {
            return
        } catch {
            delivery.lastStatus = nil
            delivery.lastError = Self.words(error)
        }
        delivery.milliseconds = start.duration(to: .now).milliseconds
        delivery.attempts += 1
        settle(&delivery, isFinal: isGone || !webhook.isActive)
        do {
            try await webhooks.update(delivery)
            // Who answers 410 wants to hear no more.
            if isGone { try await webhooks.switchOff(webhook, at: clock.now) }
        } catch {
            logger.error("What became of a delivery was not written", metadata: ["delivery": "\(delivery.id)", "error": "\(error)"])
        }
    }

    private func settle(_ delivery: inout WebhookDelivery, isFinal: Bool) {
        let now = clock.now
        if delivery.lastError == nil {
            delivery.state = .delivered
        } else if isFinal || delivery.attempts >= WebhookDelivery.maximumAttempts {
            delivery.state = .failed
        }
        guard delivery.state == .pending else { return delivery.endedAt = now }
        let pause = (1..<delivery.attempts).reduce(firstPause) { pause, _ in pause * Self.growth }
        delivery.nextAt = now.adding(milliseconds: pause + Int64.random(in: 0...max(1, pause / 10)))
    }

    /// - Returns: The HTTP status of the answer; its body is not read, and it is followed nowhere.
    private func post(_ delivery: WebhookDelivery, to webhook: Webhook) async throws -> Int {
        let target = try await WebhookAddress.resolved(webhook.url, allowing: networks)
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow, timeout: .init(connect: Self.timeout, read: Self.timeout))
        configuration.dnsOverride = [target.host: target.address]
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            let seconds = clock.now.milliseconds / 1000
            var request = HTTPClientRequest(url: webhook.url)
            request.method = .POST
            request.headers = [
                "content-type": "application/json", "user-agent": "martlet", "webhook-id": delivery.id.rawValue, "webhook-timestamp": "\(seconds)",
                "webhook-signature": secrets.signature(of: delivery.payload, id: delivery.id, seconds: seconds, for: webhook),
            ]
            request.body = .bytes(ByteBuffer(string: delivery.payload))
            let status = try await client.execute(request, timeout: Self.timeout).status.code
            try await client.shutdown()
            return Int(status)
        } catch {
            try? await client.shutdown()
            throw error
        }
    }

    private static func words(_ error: any Error) -> String {
        switch error {
        case let failure as PlatformError: String(failure.message.prefix(300))
        case let failure as WebhookFailure: failure.words
        case let failure as HTTPClientError: String(failure.shortDescription.prefix(300))
        default: "the connection failed"
        }
    }
}

/// Why a delivery was not tried.
private struct WebhookFailure: Error {
    let words: String

    init(_ words: String) {
        self.words = words
    }
}
