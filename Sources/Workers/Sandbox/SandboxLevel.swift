/// How strongly a worker is walled in; the letters are those of docs/threat-model.md.
package enum SandboxLevel: String, Sendable, CaseIterable {
    /// A user of its own, bubblewrap with all namespaces, cgroups or limits, two seccomp stages.
    case full = "A"
    /// As A without a user namespace: bubblewrap as root, the user dropped inside.
    case rootNamespaces = "B"
    /// No namespaces: Landlock, limits, seccomp.
    case landlock = "C"
    /// Nothing to build walls from: files that can run code are refused.
    case none = "D"

    /// Whether files whose loading can run code may be loaded at this level.
    package var mayRunCode: Bool { self != .none }

    package var summary: String {
        switch self {
        case .full: "own user, all namespaces, no network, read-only root, two seccomp stages"
        case .rootNamespaces: "namespaces without a user namespace, own user inside, two seccomp stages"
        case .landlock: "Landlock, limits and two seccomp stages; no namespaces"
        case .none: "no sandbox is available"
        }
    }
}

/// What a worker may use.
package struct SandboxLimits: Sendable {
    /// Bytes of memory, the interpreter and its libraries included.
    package var memoryBytes: Int64
    /// Processes and threads.
    package var processes = 128
    /// Bytes of `/tmp` in the sandbox.
    package var temporaryBytes = 256 << 20
    /// Share of one core that a worker may use, in hundredths.
    package var cpuPercent: Int

    /// Threads that can run at a time.
    var threads: Int { max(1, cpuPercent / 100) }

    package init(memoryBytes: Int64, cpuPercent: Int = 200) {
        self.memoryBytes = memoryBytes
        self.cpuPercent = cpuPercent
    }
}
