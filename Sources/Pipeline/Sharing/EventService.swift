package import Domain
package import Logging
internal import ServiceLifecycle
internal import Synchronization
package import Webhooks

/// Tells people what happened: in their inboxes, to those who listen now, and by their webhooks.
package final class EventService: Service {
    /// What somebody who listens gets.
    package enum Signal: Sendable {
        case notification(Notification)
        /// Nothing happened for a while; said so that nobody in between takes the line for dead.
        case quiet
    }

    private struct Listeners {
        var all: [UserID: [Int: AsyncStream<Signal>.Continuation]] = [:]
        var next = 0
    }

    private static let quietSeconds = 20
    /// Listeners of one account at once.
    private static let maximumListeners = 16
    private let events: any EventRepository
    private let deliverer: WebhookDeliverer
    private let logger: Logger
    private let listeners = Mutex(Listeners())

    package init(events: any EventRepository, deliverer: WebhookDeliverer, logger: Logger) {
        self.events = events
        self.deliverer = deliverer
        self.logger = logger
    }

    /// Written before anybody is told. What happened stands, whatever becomes of telling it.
    package func post(_ event: PlatformEvent, to users: Set<UserID>) async {
        guard !users.isEmpty else { return }
        do {
            let notifications = try await events.post(event, to: users, payload: try event.payload)
            deliverer.wake()
            for notification in notifications {
                let lines = listeners.withLock { $0.all[notification.userID].map { Array($0.values) } ?? [] }
                for line in lines { line.yield(.notification(notification)) }
            }
        } catch {
            logger.error("An event was not told", metadata: ["event": "\(event.kind.rawValue)", "error": "\(error)"])
        }
    }

    /// - Throws: `rateLimited` when the account listens often enough.
    package func listen(_ user: UserID) throws -> AsyncStream<Signal> {
        let (stream, continuation) = AsyncStream<Signal>.makeStream(bufferingPolicy: .bufferingNewest(64))
        let place = try listeners.withLock { listeners in
            guard listeners.all[user, default: [:]].count < Self.maximumListeners else {
                throw PlatformError(.rateLimited, "An account may listen \(Self.maximumListeners) times at once.", retryAfterSeconds: 60)
            }
            listeners.next += 1
            listeners.all[user, default: [:]][listeners.next] = continuation
            return listeners.next
        }
        continuation.onTermination = { [weak self] _ in
            self?.listeners.withLock { listeners in
                listeners.all[user]?[place] = nil
                if listeners.all[user]?.isEmpty == true { listeners.all[user] = nil }
            }
        }
        return stream
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(Self.quietSeconds))
                for line in self.lines { line.yield(.quiet) }
            }
        }
        for line in lines { line.finish() }
    }

    private var lines: [AsyncStream<Signal>.Continuation] {
        listeners.withLock { $0.all.values.flatMap(\.values) }
    }
}
