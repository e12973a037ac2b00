internal import CSandbox
internal import Domain
internal import Glibc
internal import SystemPackage
internal import Synchronization

/// The walls available on this machine, and the means to start a worker behind them.
package struct Sandbox: Sendable {
    package let level: SandboxLevel
    package let cgroups: CgroupFactory
    /// What is missing for a better level, each with the command that mends it.
    package let hints: [String]
    let limits: SandboxLimits
    private let isRoot: Bool
    private let baseUserID: UInt32

    private static let bwrapPaths = ["/usr/bin/bwrap", "/usr/local/bin/bwrap", "/bin/bwrap"]
    private static let counter = Atomic<UInt32>(0)

    /// Finds the best of `levels` by trying them: a level counts only when a program has run behind it. Blocks.
    ///
    /// - Parameter environments: Folder of the environments; at the level without namespaces a worker's own user must be able to reach it.
    package init(limits: SandboxLimits, environments: String, baseUserID: UInt32 = 620_000, levels: [SandboxLevel] = [.full, .rootNamespaces, .landlock]) {
        self.limits = limits
        self.baseUserID = baseUserID
        let isRoot = geteuid() == 0
        self.isRoot = isRoot
        cgroups = CgroupFactory()
        level = levels.first { Self.works($0, limits, environments, baseUserID, isRoot) } ?? .none
        var hints: [String] = []
        if Self.bwrap == nil { hints.append("bubblewrap is missing: apt-get install bubblewrap") }
        if level == .rootNamespaces { hints.append("user namespaces are off: sysctl user.max_user_namespaces=15000") }
        if level == .landlock || level == .none {
            hints.append("no namespaces: run as root, or allow user namespaces with sysctl user.max_user_namespaces=15000")
        }
        if level == .none, isRoot, Self.works(.landlock, limits, "/usr", baseUserID, isRoot) {
            hints.append("workers cannot reach '\(environments)': let others pass every folder above it with chmod o+x")
        }
        if cgroups.version == nil {
            hints.append("no cgroup can be made: memory is limited by RLIMIT_AS only; run as root or with systemd's Delegate=yes")
        }
        self.hints = hints
    }

    /// Starts a worker. Blocks until its exec succeeded.
    /// - Throws: `unavailable` when the level runs no code or the start failed.
    func start(_ command: WorkerCommand) throws -> SandboxedProcess {
        guard level.mayRunCode else {
            throw PlatformError(.unavailable, "No sandbox is available on this machine, so no model code is run. hint: martlet doctor says what is missing.")
        }
        let number = Self.counter.wrappingAdd(1, ordering: .relaxed).oldValue
        var plan = SandboxPlan.make(
            command, level: level, limits: limits, bwrap: Self.bwrap ?? "", userID: baseUserID + number % 60_000, isRoot: isRoot
        )
        let cgroup = cgroups.make("\(getpid())-\(number)", limits: limits)
        if cgroup == nil { plan.addressSpace = UInt64(limits.memoryBytes) + (1 << 30) }
        do {
            return try plan.spawn(cgroup: cgroup)
        } catch {
            throw PlatformError(.unavailable, "The sandbox did not start. hint: martlet doctor says what is missing.", retryAfterSeconds: 5, cause: error)
        }
    }

    /// The second seccomp program, which the worker installs itself: 8 bytes an instruction.
    func modelFilter() throws -> [UInt8] {
        let filter = csandbox_filter(2)
        guard filter >= 0 else { throw SpawnFailure(step: "compile the seccomp program", errno: Errno(rawValue: errno)) }
        let descriptor = FileDescriptor(rawValue: filter)
        defer { try? descriptor.close() }
        var bytes = [UInt8](repeating: 0, count: 64 * 1024)
        let count = try unsafe bytes.withUnsafeMutableBytes { unsafe try descriptor.read(into: $0) }
        return Array(bytes[..<count])
    }

    private static var bwrap: String? {
        bwrapPaths.first { unsafe access($0, X_OK) == 0 }
    }

    /// Looks at the environments from where a worker would run.
    private static func works(_ level: SandboxLevel, _ limits: SandboxLimits, _ environments: String, _ userID: UInt32, _ isRoot: Bool) -> Bool {
        let needsBwrap = level == .full || level == .rootNamespaces
        guard level != .none, bwrap != nil || !needsBwrap, isRoot || level != .rootNamespaces else { return false }
        let command = WorkerCommand(environment: needsBwrap ? "/usr" : environments, interpreterRoot: nil, workerRoot: "/usr")
        var plan = SandboxPlan.make(command, level: level, limits: limits, bwrap: bwrap ?? "", userID: userID, isRoot: isRoot)
        plan.arguments.removeLast(command.arguments(environment: "", workerRoot: "").count)
        plan.arguments += needsBwrap ? ["/usr/bin/true"] : ["/usr/bin/test", "-x", environments]
        guard let process = try? plan.spawn(cgroup: nil) else { return false }
        close(process.requests)
        close(process.output)
        try? process.files.close()
        var status: Int32 = 0
        guard unsafe waitpid(process.processID, &status, 0) == process.processID else { return false }
        return status == 0
    }
}
