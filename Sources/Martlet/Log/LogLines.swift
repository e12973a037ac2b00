internal import Logging
internal import NIOPosix
internal import ServiceLifecycle
internal import Synchronization
internal import SystemPackage

/// Lines on their way to a file; while the server runs they are gathered, so that no request waits for a system call.
///
/// What is urgent is written at once, after all that came before it. A file that takes nothing holds nobody up: what does not fit into
/// memory is left out, and the number of lines is said.
final class LogLines: Service {
    private struct State {
        var bytes: [UInt8] = []
        var isGathering = false
        var lost = 0
    }

    private static let interval = Duration.milliseconds(100)
    /// Bytes.
    private static let room = 8 << 20
    private let file: FileDescriptor
    private let state = Mutex(State())
    private let writing = Mutex(())

    init(_ file: FileDescriptor = .standardError) {
        self.file = file
    }

    func append(_ line: [UInt8], isUrgent: Bool) {
        let isTaken = state.withLock { state in
            guard state.isGathering, !isUrgent else { return false }
            if state.bytes.count + line.count <= Self.room { state.bytes += line } else { state.lost += 1 }
            return true
        }
        if !isTaken { write(then: line) }
    }

    func run() async throws {
        state.withLock { $0.isGathering = true }
        defer {
            state.withLock { $0.isGathering = false }
            write()
        }
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: Self.interval)
                try? await NIOThreadPool.singleton.runIfActive { self.write() }
            }
        }
    }

    /// Writes what was gathered, and a line behind it.
    private func write(then line: [UInt8] = []) {
        writing.withLock { _ in
            let (gathered, lost) = state.withLock { state in
                defer { (state.bytes, state.lost) = ([], 0) }
                return (state.bytes, state.lost)
            }
            let told = lost > 0 ? Array("{\"level\":\"warning\",\"message\":\"\(lost) lines were left out\"}\n".utf8) : []
            let bytes = gathered + told + line
            if !bytes.isEmpty { _ = try? file.writeAll(bytes) }
        }
    }
}
