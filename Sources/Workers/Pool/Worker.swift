package import Domain
internal import Foundation
internal import NIOCore
internal import NIOPosix
internal import Synchronization
internal import SystemPackage

/// One live worker process: started for an environment, then given one model for life.
package final class Worker: Sendable {
    let kind: WorkerKind
    package let log = WorkerLog()
    private let process: SandboxedProcess
    private let connection: WorkerConnection
    private let memory = Atomic<UInt64>(0)
    private let ended = Atomic<Bool>(false)

    private init(_ kind: WorkerKind, process: SandboxedProcess, connection: WorkerConnection) {
        self.kind = kind
        self.process = process
        self.connection = connection
    }

    /// Starts a process, lets it import its libraries, and puts the second wall up.
    /// - Throws: `unavailable`, `predictionTimeout`.
    static func start(_ kind: WorkerKind, in sandbox: Sandbox, programs: WorkerPrograms, deadline: Duration) async throws -> Worker {
        let environment = kind.environment
        let command = WorkerCommand(
            kind.program, environment: environment.path, interpreterRoot: environment.interpreterRoot, workerRoot: programs.path(of: kind.program))
        let (process, filter) = try await NIOThreadPool.singleton.runIfActive {
            let filter = try sandbox.modelFilter()
            return (try sandbox.start(command), filter)
        }
        let group = MultiThreadedEventLoopGroup.singleton
        let connection = try await WorkerConnection.open(socket: process.requests, group: group)
        let worker = Worker(kind, process: process, connection: connection)
        let log = worker.log
        _ = try await NIOPipeBootstrap(group: group)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(WorkerOutputHandler(log)) }
            }
            .takingOwnershipOfDescriptor(input: process.output).get()
        connection.channel.closeFuture.whenComplete { _ in worker.reap() }
        do {
            let header = try JSONEncoder().encode(ConfigureHeader(imports: environment.imports, threads: sandbox.limits.threads))
            let answer = try await connection.request(.configure, header: Array(header), payload: ByteBuffer(bytes: filter), deadline: .init(deadline))
            guard answer.kind == .ready else { throw worker.failure(answer) }
            return worker
        } catch {
            worker.end()
            throw PlatformError(
                .unavailable, "The model's environment did not start.", retryAfterSeconds: 5,
                cause: WorkerStartFailure(cause: error, output: worker.log.text)
            )
        }
    }

    /// Gives the worker its model. The files are passed as open descriptors: the sandbox shows none of them.
    /// - Throws: ``ModelFailure`` in the model's own words, `predictionTimeout`, `unavailable`; `storageFailure` when a file is not
    ///   what was uploaded.
    package func load(_ artifact: WorkerArtifact, deadline: Duration) async throws -> WorkerDescription {
        if let file = artifact.log { log.keep(in: file, under: "[worker \(process.processID)]") }
        let process = process
        try await NIOThreadPool.singleton.runIfActive {
            let files = try artifact.open()
            defer { for file in files { try? file.close() } }
            try process.send(files)
        }
        let header = try JSONEncoder().encode(LoadHeader(format: artifact.format.rawValue, custom: artifact.customAPI != nil))
        let answer = try await connection.request(.load, header: Array(header), deadline: .init(deadline))
        guard answer.kind == .loaded else { throw failure(answer) }
        let description = try JSONDecoder().decode(LoadedHeader.self, from: Data(answer.header)).checked()
        note(memoryMebibytes: description.memoryMebibytes)
        return description
    }

    /// Runs the model.
    /// - Throws: ``ModelFailure``, `predictionTimeout` (the caller must then end the worker), `unavailable`.
    package func predict(_ request: InferenceRequest, deadline: Duration) async throws -> InferenceResponse {
        let (header, payload) = TensorCoding.encode(request)
        let answer = try await connection.request(.predict, header: header, payload: payload, deadline: .init(deadline))
        guard answer.kind == .predicted else { throw failure(answer) }
        let (response, memory) = try TensorCoding.decode(answer)
        note(memoryMebibytes: memory)
        return response
    }

    /// The loaded network in ONNX's format, and the versions of the tools that made it.
    /// - Throws: as ``predict(_:deadline:)``.
    package func convert(deadline: Duration) async throws -> (bytes: [UInt8], tools: [String: String]) {
        let answer = try await connection.request(.convert, header: Array("{}".utf8), deadline: .init(deadline))
        guard answer.kind == .converted else { throw failure(answer) }
        let header = try JSONDecoder().decode(ConvertedHeader.self, from: Data(answer.header))
        // A hostile worker may tell anything.
        let tools = header.tools.filter { $0.key.utf8.count <= 64 && $0.value.utf8.count <= 64 }
        guard tools.count <= 16 else { throw ModelFailure(type: "ConversionError", message: "the worker names \(tools.count) tools") }
        return (Array(answer.payload.readableBytesView), tools)
    }

    /// Whether the process can still answer.
    package var isAlive: Bool { connection.channel.isActive && !ended.load(ordering: .acquiring) }

    /// Peak memory of the process, bytes.
    package var memoryBytes: Int64 { Int64(memory.load(ordering: .relaxed)) }

    /// Ends the process and everything it started; requests in flight are answered `unavailable`.
    package func end() {
        connection.channel.close(promise: nil)
    }

    /// The process id, for tests that kill it.
    package var processID: Int32 { process.processID }

    /// Calls `body` once when the process has ended.
    func onEnd(_ body: @escaping @Sendable () -> Void) {
        connection.channel.closeFuture.whenComplete { _ in body() }
    }

    private func reap() {
        guard !ended.exchange(true, ordering: .acquiringAndReleasing) else { return }
        let process = process
        NIOThreadPool.singleton.submit { _ in process.killAndReap() }
    }

    private func note(memoryMebibytes: Double) {
        memory.store(UInt64(min(max(0, memoryMebibytes), 1e9) * 1_048_576), ordering: .relaxed)
    }

    private func failure(_ frame: WorkerFrame) -> any Error {
        guard let header = try? JSONDecoder().decode(ErrorHeader.self, from: Data(frame.header)) else {
            return PlatformError(.predictionFailed, "The worker's answer cannot be read.")
        }
        return ModelFailure(type: header.type, message: header.message)
    }
}

/// Why a worker did not start, with what it printed; for the log only.
struct WorkerStartFailure: Error, CustomStringConvertible {
    let cause: any Error
    let output: String

    var description: String { "\(cause) \(output.suffix(2000))" }
}

private struct ConfigureHeader: Encodable {
    let imports: [String]
    /// What one operator of a large model may use.
    let threads: Int
}

private struct ConvertedHeader: Decodable {
    let tools: [String: String]
}

private struct LoadHeader: Encodable {
    let format: String
    let custom: Bool
}
