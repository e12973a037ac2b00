package import Access
internal import Crypto
internal import Domain

/// Token buckets in Redis: one script takes from all of a request's buckets or from none, by the server's own clock.
package struct RedisBuckets: SharedBuckets {
    struct UnknownAnswer: Error {}

    private static let prefix = "martlet:rate:"
    /// KEYS: buckets. ARGV: how many to take, then limit and seconds of each bucket.
    /// Answer: `{1, thousandths of tokens…}`, or `{0, place of the empty bucket, milliseconds to wait}`.
    private static let script = """
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        local take = tonumber(ARGV[1])
        local left = {}
        for i, key in ipairs(KEYS) do
          local limit, window = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1]) * 1000
          local bucket = redis.call('HMGET', key, 'tokens', 'at')
          local tokens = limit
          if bucket[1] then tokens = math.min(limit, tonumber(bucket[1]) + math.max(0, now - tonumber(bucket[2])) * limit / window) end
          if tokens < take then return {0, i - 1, math.ceil((take - tokens) * window / math.max(1, limit))} end
          left[i] = math.min(limit, tokens - take)
        end
        local answer = {1}
        for i, key in ipairs(KEYS) do
          if take ~= 0 then
            redis.call('HSET', key, 'tokens', string.format('%.6f', left[i]), 'at', now)
            redis.call('PEXPIRE', key, tonumber(ARGV[2 * i + 1]) * 1000)
          end
          answer[i + 1] = math.floor(left[i] * 1000)
        end
        return answer
        """
    private static let digest = Insecure.SHA1.hash(data: Array(script.utf8)).hexadecimal
    private let client: RedisClient

    package init(_ client: RedisClient) {
        self.client = client
    }

    package func take(_ count: Int, from buckets: [RateBucket]) async throws -> SharedAnswer {
        let words = ["\(buckets.count)"] + buckets.map { Self.prefix + $0.key } + ["\(count)"] + buckets.flatMap { ["\($0.limit)", "\($0.seconds)"] }
        let answer = try await evaluate(words)
        guard let values = answer.array?.compactMap(\.integer), values.count >= 2 else { throw UnknownAnswer() }
        if values[0] == 1, values.count == buckets.count + 1 { return .taken(values.dropFirst().map { Double($0) / 1000 }) }
        guard values[0] == 0, values.count == 3 else { throw UnknownAnswer() }
        return .refused(values[1], waitSeconds: Double(values[2]) / 1000)
    }

    /// By the script's hash, and with the script itself where Redis does not have it.
    private func evaluate(_ words: [String]) async throws -> RESPValue {
        func send(_ first: [String]) async throws -> RESPValue { try await client.send((first + words).map { Array($0.utf8) }) }
        do {
            return try await send(["EVALSHA", Self.digest])
        } catch let refusal as RedisClient.Refusal where refusal.description.hasPrefix("NOSCRIPT") {
            return try await send(["EVAL", Self.script])
        }
    }
}
