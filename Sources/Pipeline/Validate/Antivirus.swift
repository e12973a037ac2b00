internal import Domain
internal import Files
internal import Formats
internal import NIOCore
internal import NIOPosix

/// Asks clamd, over its socket, whether a file carries a known signature. https://docs.clamav.net/manual/Usage/Scanning.html (INSTREAM)
package struct Antivirus: Sendable {
    private static let chunk = 256 << 10
    private let address: String
    private let patience: Duration

    /// - Parameters:
    ///   - address: The path of a Unix socket, or `host:port`.
    ///   - patience: How long an answer to one file may take; a scanner that hangs holds no validation for ever.
    /// - Throws: `invalidInput`.
    package init(_ address: String, patience: Duration = .seconds(600)) throws {
        let port = address.split(separator: ":").last.flatMap { Int($0) }
        guard address.hasPrefix("/") || port.map({ (1...65_535).contains($0) }) ?? false else {
            throw PlatformError(.invalidInput, "MARTLET_CLAMD: expected the path of a socket or host:port, found '\(address)'.")
        }
        self.address = address
        self.patience = patience
    }

    /// - Returns: A finding when a signature was found.
    /// - Throws: `unavailable` when clamd does not answer: nothing is then known about the file.
    func judge(_ file: StoredFile, member: String? = nil) async throws -> Finding? {
        let reply: String
        do {
            reply = try await askWithin(patience, file)
        } catch {
            throw PlatformError(.unavailable, "The virus scanner does not answer.", retryAfterSeconds: 30, cause: error)
        }
        // `stream: OK`, `stream: NAME FOUND`, or a complaint
        if reply.hasSuffix(" OK") { return nil }
        guard reply.hasSuffix(" FOUND") else {
            throw PlatformError(.unavailable, "The virus scanner could not read the file: \(reply.prefix(200)). hint: raise StreamMaxLength in clamd.conf.")
        }
        let name = reply.dropFirst("stream: ".count).dropLast(" FOUND".count)
        return Finding(
            severity: .critical, rule: ScanRule.virusSignature.id, member: member, found: String(name), reason: ScanRule.virusSignature.reason,
            advice: ScanRule.virusSignature.advice
        )
    }

    private func askWithin(_ patience: Duration, _ file: StoredFile) async throws -> String {
        try await withThrowingTaskGroup(of: String.self) { group in
            group.addTask { try await ask(file) }
            group.addTask {
                try await Task.sleep(for: patience)
                throw PlatformError(.unavailable, "The virus scanner took longer than \(patience).")
            }
            defer { group.cancelAll() }
            return try await group.next() ?? ""
        }
    }

    private func ask(_ file: StoredFile) async throws -> String {
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connectTimeout(.seconds(5))
        let wrap: @Sendable (any Channel) -> EventLoopFuture<NIOAsyncChannel<ByteBuffer, ByteBuffer>> = { channel in
            channel.eventLoop.makeCompletedFuture { try NIOAsyncChannel(wrappingChannelSynchronously: channel) }
        }
        let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>
        if address.hasPrefix("/") {
            channel = try await bootstrap.connect(unixDomainSocketPath: address, channelInitializer: wrap)
        } else {
            let parts = address.split(separator: ":")
            channel = try await bootstrap.connect(host: parts.dropLast().joined(separator: ":"), port: Int(parts.last ?? "") ?? 3310, channelInitializer: wrap)
        }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: "zINSTREAM\0"))
            try await Self.send(file, outbound)
            var reply = ByteBuffer()
            for try await part in inbound {
                reply.writeImmutableBuffer(part)
                if part.readableBytesView.last == 0 || reply.readableBytes > 4096 { break }
            }
            return String(buffer: reply).filter { $0 != "\0" && !$0.isNewline }
        }
    }

    /// Pieces of the file, each behind its length; a length of zero ends them.
    private static func send(_ file: StoredFile, _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>) async throws {
        let bytes = try await NIOThreadPool.singleton.runIfActive { try file.open() }
        var offset: Int64 = 0
        while true {
            let start = offset
            let piece = try await NIOThreadPool.singleton.runIfActive { try bytes.bytes(at: start, count: chunk) }
            offset += Int64(piece.count)
            var buffer = ByteBuffer(integer: UInt32(piece.count), endianness: .big)
            buffer.writeBytes(piece)
            try await outbound.write(buffer)
            if piece.isEmpty { return }
        }
    }
}
