internal import CSandbox
internal import Domain
internal import Glibc
internal import SystemPackage

/// A running child in its sandbox, and the ends of the lines to it.
struct SandboxedProcess: Sendable {
    let processID: Int32
    /// Frames go over this socket; whoever takes it closes it.
    let requests: Int32
    /// Descriptors of model files go over this socket.
    let files: FileDescriptor
    /// What the child prints; whoever takes it closes it.
    let output: Int32
    let cgroup: Cgroup?

    /// Ends the child and everything it started, and waits for it. Blocks for a moment.
    func killAndReap() {
        kill(processID, SIGKILL)
        cgroup?.remove()
        var status: Int32 = 0
        _ = unsafe waitpid(processID, &status, 0)
        for _ in 0..<20 {
            guard let folder = cgroup?.folders.first, unsafe access(folder, F_OK) == 0 else { break }
            usleep(5000)
            cgroup?.remove()
        }
        try? files.close()
    }

    /// Hands open files to the worker, which receives them with its next LOAD.
    func send(_ descriptors: [FileDescriptor]) throws {
        let numbers = descriptors.map(\.rawValue)
        guard unsafe csandbox_send_descriptors(files.rawValue, numbers, numbers.count) == 0 else {
            throw PlatformError(.unavailable, "The worker went away.", retryAfterSeconds: 1, cause: Errno(rawValue: errno))
        }
    }
}

/// Where and why a start failed.
struct SpawnFailure: Error, CustomStringConvertible {
    let step: String
    let errno: Errno

    var description: String { "sandbox: \(step): \(errno)" }
}

extension SandboxPlan {
    /// Starts the child. Blocks until its exec succeeded.
    /// - Throws: ``SpawnFailure``.
    func spawn(cgroup: Cgroup?) throws -> SandboxedProcess {
        let (ours, theirs) = try Self.socketPair()
        let (ourFiles, theirFiles) = try Self.socketPair()
        let (outputRead, outputWrite) = try FileDescriptor.pipe()
        let filter = csandbox_filter(changesUserInside ? 0 : 1)
        let members = cgroup?.openMembers() ?? []
        defer {
            for descriptor in [theirs, theirFiles, outputWrite] + members { try? descriptor.close() }
            if filter >= 0 { close(filter) }
        }
        do {
            guard filter >= 0 else { throw SpawnFailure(step: "compile the seccomp program", errno: Errno(rawValue: errno)) }
            for descriptor in [outputRead, outputWrite] { _ = fcntl(descriptor.rawValue, F_SETFD, FD_CLOEXEC) }
            let process = try unsafe launch(
                requests: theirs.rawValue, files: theirFiles.rawValue, output: outputWrite.rawValue, filter: filter,
                members: members.map(\.rawValue)
            )
            return SandboxedProcess(
                processID: process, requests: ours.rawValue, files: ourFiles, output: outputRead.rawValue, cgroup: cgroup
            )
        } catch {
            for descriptor in [ours, ourFiles, outputRead] { try? descriptor.close() }
            cgroup?.remove()
            throw error
        }
    }

    private static func socketPair() throws -> (FileDescriptor, FileDescriptor) {
        var pair: [Int32] = [0, 0]
        guard unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &pair) == 0 else {
            throw SpawnFailure(step: "socketpair", errno: Errno(rawValue: errno))
        }
        return (FileDescriptor(rawValue: pair[0]), FileDescriptor(rawValue: pair[1]))
    }

    @unsafe private func launch(requests: Int32, files: Int32, output: Int32, filter: Int32, members: [Int32]) throws -> Int32 {
        let strings = unsafe CStrings()
        var plan = unsafe csandbox_plan()
        unsafe plan.argv = strings.list(arguments)
        unsafe plan.envp = strings.list(environment)
        unsafe plan.request_fd = requests
        unsafe plan.file_fd = files
        unsafe plan.output_fd = output
        unsafe plan.filter_fd = filter
        unsafe plan.install_filter = installsFilter ? 1 : 0
        unsafe plan.uid = userID
        unsafe plan.stage_root = stageRoot.map { unsafe UnsafePointer(strings.make($0)) }
        unsafe plan.address_space = addressSpace
        unsafe plan.file_size = 1 << 30
        unsafe plan.open_files = 1024
        unsafe plan.processes = 512
        let stages = unsafe self.stages.map { unsafe csandbox_stage(source: strings.make($0.source), name: strings.make($0.name)) }
        let paths = unsafe openPaths.map { unsafe csandbox_path(path: strings.make($0.path), writable: $0.isWritable ? 1 : 0) }
        var failure = unsafe csandbox_failure()
        let process = unsafe members.withUnsafeBufferPointer { memberBuffer in
            unsafe stages.withUnsafeBufferPointer { stageBuffer in
                unsafe paths.withUnsafeBufferPointer { pathBuffer in
                    unsafe plan.cgroup_fds = memberBuffer.baseAddress
                    unsafe plan.cgroup_count = memberBuffer.count
                    unsafe plan.stages = stageBuffer.baseAddress
                    unsafe plan.stage_count = stageBuffer.count
                    unsafe plan.landlock_paths = pathBuffer.baseAddress
                    unsafe plan.landlock_count = pathBuffer.count
                    return unsafe csandbox_spawn(&plan, &failure)
                }
            }
        }
        unsafe strings.free()
        guard process > 0 else {
            throw unsafe SpawnFailure(step: failure.step.map { unsafe String(cString: $0) } ?? "start", errno: Errno(rawValue: failure.error))
        }
        return process
    }
}

/// C strings that live until they are freed together.
@unsafe private final class CStrings {
    private var strings: [UnsafeMutablePointer<CChar>] = unsafe []
    private var lists: [UnsafeMutablePointer<UnsafePointer<CChar>?>] = unsafe []

    func make(_ text: String) -> UnsafeMutablePointer<CChar> {
        guard let copy = unsafe strdup(text) else { fatalError("out of memory") }
        unsafe strings.append(copy)
        return unsafe copy
    }

    /// A list that ends with NULL, as execve takes it.
    func list(_ texts: [String]) -> UnsafePointer<UnsafePointer<CChar>?> {
        let list = UnsafeMutablePointer<UnsafePointer<CChar>?>.allocate(capacity: texts.count + 1)
        for (index, text) in texts.enumerated() { unsafe (list + index).initialize(to: UnsafePointer(make(text))) }
        unsafe (list + texts.count).initialize(to: nil)
        unsafe lists.append(list)
        return unsafe UnsafePointer(list)
    }

    func free() {
        while let string = unsafe strings.popLast() { unsafe Glibc.free(string) }
        while let list = unsafe lists.popLast() { unsafe list.deallocate() }
    }
}
