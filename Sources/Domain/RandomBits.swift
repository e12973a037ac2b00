internal import Glibc
internal import Synchronization

/// Random numbers of the system, fetched many at a time: one by one, each costs a system call.
struct RandomBits: RandomNumberGenerator {
    /// 256 bytes, the most that getentropy(3) gives at once.
    private static let count = 32
    private static let state = Mutex<(numbers: [UInt64], used: Int)>(([], 0))

    mutating func next() -> UInt64 {
        Self.state.withLock { state in
            if state.used == state.numbers.count { state = (Self.fetch(), 0) }
            state.used += 1
            return state.numbers[state.used - 1]
        }
    }

    private static func fetch() -> [UInt64] {
        var numbers = [UInt64](repeating: 0, count: count)
        let size = count * MemoryLayout<UInt64>.size
        let failed = unsafe numbers.withUnsafeMutableBytes { unsafe getentropy($0.baseAddress, size) }
        precondition(failed == 0, "the system gives no random numbers")
        return numbers
    }
}
