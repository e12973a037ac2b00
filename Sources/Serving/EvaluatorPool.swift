package import Domain
internal import Synchronization

/// Keeps the models that are evaluated here within a budget of memory; the least recently used one goes first.
package final class EvaluatorPool: Sendable {
    private let budget: Int
    private let slots = Mutex<[EvaluatorSlot]>([])

    /// - Parameter budget: Bytes that all loaded models may use together.
    package init(budget: Int) {
        self.budget = budget
    }

    /// The place of a version that serves; its file is read at the first request.
    package func makeSlot(library: any ModelRunner, load: @escaping EvaluatorSlot.Load) -> EvaluatorSlot {
        let slot = EvaluatorSlot(pool: self, library: library, load: load)
        slots.withLock { $0.append(slot) }
        return slot
    }

    /// Models in memory, for the health report.
    package var loadedCount: Int { slots.withLock { $0 }.count { $0.memoryBytes > 0 } }

    func forget(_ slot: EvaluatorSlot) {
        slots.withLock { $0.removeAll { $0 === slot } }
    }

    func makeRoom(for bytes: Int, besides newcomer: EvaluatorSlot) {
        var loaded = slots.withLock { $0 }.filter { $0 !== newcomer && $0.memoryBytes > 0 }
        var total = loaded.reduce(bytes) { $0 + $1.memoryBytes }
        guard total > budget else { return }
        loaded.sort { $0.lastUse < $1.lastUse }
        for victim in loaded where total > budget {
            total -= victim.memoryBytes
            victim.unload()
        }
    }
}
