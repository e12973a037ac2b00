/// Makes a value once however many callers ask for it at the same time; the later ones wait for the first.
///
/// Nothing is remembered afterwards: the next call makes the value anew.
package actor OncePerKey<Key: Hashable & Sendable, Value: Sendable> {
    private var waiting: [Key: [CheckedContinuation<Value, any Error>]] = [:]

    package init() {}

    package func value(for key: Key, make: @Sendable () async throws -> Value) async throws -> Value {
        if waiting[key] != nil {
            return try await withCheckedThrowingContinuation { waiting[key, default: []].append($0) }
        }
        waiting[key] = []
        let result: Result<Value, any Error>
        do {
            result = .success(try await make())
        } catch {
            result = .failure(error)
        }
        for waiter in waiting.removeValue(forKey: key) ?? [] {
            waiter.resume(with: result)
        }
        return try result.get()
    }
}
