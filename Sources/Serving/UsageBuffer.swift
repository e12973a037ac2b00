package import Domain
package import Logging
internal import ServiceLifecycle
internal import Synchronization

/// Gathers usage records in memory and writes them in batches, so that no prediction waits for the database.
package final class UsageBuffer: UsageRecorder, Service {
    private static let maximumRecords = 200_000
    private let records = Mutex<[UsageRecord]>([])
    private let lost = Atomic<Int>(0)
    private let repository: any UsageRepository
    private let interval: Duration
    private let logger: Logger

    package init(repository: any UsageRepository, interval: Duration = .milliseconds(500), logger: Logger) {
        self.repository = repository
        self.interval = interval
        self.logger = logger
    }

    package func record(_ usage: UsageRecord) {
        let isTaken = records.withLock { records in
            guard records.count < Self.maximumRecords else { return false }
            records.append(usage)
            return true
        }
        if !isTaken { lost.add(1, ordering: .relaxed) }
    }

    /// Calls that came while the queue was full: counted, and told by health and metrics.
    package var dropped: Int { lost.load(ordering: .relaxed) }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: self.interval)
                await self.flush()
            }
        }
        await flush()
    }

    /// Leaves out what the database will never take, so that one call does not hold all others back.
    private func writeSingly(_ batch: [UsageRecord]) async {
        for record in batch {
            do {
                try await repository.append([record])
            } catch {
                lost.add(1, ordering: .relaxed)
                logger.error("A usage record was not written", metadata: ["model": "\(record.modelID)", "error": "\(error)"])
            }
        }
    }

    /// Writes what was gathered; what could not be written now is put back.
    package func flush() async {
        let batch = records.withLock { records in
            defer { records.removeAll(keepingCapacity: true) }
            return records
        }
        guard !batch.isEmpty else { return }
        do {
            try await repository.append(batch)
        } catch let error as PlatformError where error.code == .invalidInput {
            await writeSingly(batch)
        } catch {
            logger.error("Usage records were not written", metadata: ["count": "\(batch.count)", "error": "\(error)"])
            let room = records.withLock { records in
                let room = max(0, Self.maximumRecords - records.count)
                // What was asked and answered is too much to wait in memory.
                records.insert(contentsOf: batch.suffix(room).map(\.withoutBodies), at: 0)
                return room
            }
            if batch.count > room { lost.add(batch.count - room, ordering: .relaxed) }
        }
    }
}
