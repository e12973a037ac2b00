package import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import Synchronization

/// One connection to Redis, made when it is needed and again when it was lost; commands of many callers travel on it together.
package final class RedisClient: Sendable {
    /// What Redis said of a command it refused.
    struct Refusal: Error, CustomStringConvertible {
        let description: String
    }

    struct Late: Error, CustomStringConvertible {
        var description: String { "Redis does not answer" }
    }

    private let address: RedisAddress
    private let deadline: TimeAmount
    private let group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    private let channel = Mutex<EventLoopFuture<any Channel>?>(nil)

    /// - Parameter deadline: For an answer, the making of a connection included.
    package init(_ address: RedisAddress, deadline: TimeAmount = .milliseconds(250)) {
        self.address = address
        self.deadline = deadline
    }

    /// - Throws: ``Refusal``; any other error when there is no answer in time: whether the command was carried out is not known then.
    func send(_ words: [[UInt8]]) async throws -> RESPValue {
        let deadline = deadline
        let answer = connected().flatMap { channel in
            let answer = Self.call(words, on: channel)
            // A connection that is late once is not trusted to keep the order of its answers.
            let timer = channel.eventLoop.scheduleTask(in: deadline) { channel.close(promise: nil) }
            answer.whenComplete { _ in timer.cancel() }
            return answer
        }
        let value = try await answer.get()
        if case .error(let text) = value { throw Refusal(description: text) }
        return value
    }

    private func connected() -> EventLoopFuture<any Channel> {
        channel.withLock { known in
            if let known { return known }
            let loop = group.any()
            let promise = loop.makePromise(of: (any Channel).self)
            let late = loop.scheduleTask(in: deadline) { promise.fail(Late()) }
            let isLate = promise.futureResult
            connect(on: loop).whenComplete { result in
                late.cancel()
                promise.completeWith(result)
                // One that comes too late is nobody's.
                isLate.whenFailure { _ in if case .success(let channel) = result { channel.close(promise: nil) } }
            }
            let future = promise.futureResult
            known = future
            future.whenComplete { result in
                switch result {
                case .failure: self.forget(future)
                case .success(let channel): channel.closeFuture.whenComplete { _ in self.forget(future) }
                }
            }
            return future
        }
    }

    private func forget(_ future: EventLoopFuture<any Channel>) {
        channel.withLock { if $0 === future { $0 = nil } }
    }

    private func connect(on loop: any EventLoop) -> EventLoopFuture<any Channel> {
        let address = address
        return ClientBootstrap(group: loop).connectTimeout(deadline)
            .channelOption(ChannelOptions.socketOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if address.isSecure {
                        let context = try NIOSSLContext(configuration: .makeClientConfiguration())
                        let isAddress = (try? SocketAddress(ipAddress: address.host, port: 0)) != nil
                        try pipeline.addHandler(try NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : address.host))
                    }
                    try pipeline.addHandler(ByteToMessageHandler(RESPDecoder()))
                    try pipeline.addHandler(RedisHandler())
                }
            }
            .connect(host: address.host, port: address.port)
            .flatMap { [deadline] channel in
                let late = channel.eventLoop.scheduleTask(in: deadline) { channel.close(promise: nil) }
                let greeted = Self.greet(channel, address.greeting)
                greeted.whenComplete { _ in late.cancel() }
                return greeted
            }
    }

    private static func greet(_ channel: any Channel, _ commands: [[String]]) -> EventLoopFuture<any Channel> {
        let answers = commands.map { words in
            call(words.map { Array($0.utf8) }, on: channel).flatMapThrowing { value in
                if case .error(let text) = value { throw Refusal(description: text) }
            }
        }
        return EventLoopFuture.andAllSucceed(answers, on: channel.eventLoop).map { channel }.flatMapErrorThrowing { error in
            channel.close(promise: nil)
            throw error
        }
    }

    private static func call(_ words: [[UInt8]], on channel: any Channel) -> EventLoopFuture<RESPValue> {
        let promise = channel.eventLoop.makePromise(of: RESPValue.self)
        channel.writeAndFlush(RedisCall(words: words, answer: promise)).cascadeFailure(to: promise)
        return promise.futureResult
    }
}
