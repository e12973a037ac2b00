/// The command line, environment and walls of one worker at one level.
struct SandboxPlan {
    struct Stage {
        let source: String
        let name: String
    }

    struct OpenPath {
        let path: String
        let isWritable: Bool
    }

    var arguments: [String]
    var environment: [String] = []
    var stageRoot: String?
    var stages: [Stage] = []
    var openPaths: [OpenPath] = []
    /// Whether the launcher installs the seccomp program itself, since no bubblewrap does.
    var installsFilter = false
    /// Whether a program inside still changes the user, so that the first filter must let it.
    var changesUserInside = false
    /// 0: keep the current user.
    var userID: UInt32 = 0
    /// Bytes; 0 where a cgroup limits memory.
    var addressSpace: UInt64 = 0

    private static let stageFolder = "/mnt"
    private static let variables = [
        ("PATH", "/venv/bin:/usr/bin"), ("HOME", "/tmp"), ("LANG", "C.UTF-8"), ("OMP_NUM_THREADS", "1"), ("OPENBLAS_NUM_THREADS", "1"),
        ("MKL_NUM_THREADS", "1"), ("LOKY_MAX_CPU_COUNT", "1"), ("PYTHONDONTWRITEBYTECODE", "1"), ("PYTHONUNBUFFERED", "1"),
        ("MPLCONFIGDIR", "/tmp"),
    ]

    /// - Parameters:
    ///   - userID: The user a worker becomes when the server is root.
    ///   - isRoot: Whether the server may change users and mount.
    static func make(_ command: WorkerCommand, level: SandboxLevel, limits: SandboxLimits, bwrap: String, userID: UInt32, isRoot: Bool) -> SandboxPlan {
        switch level {
        case .full: bubblewrapped(command, limits, bwrap: bwrap, userID: isRoot ? userID : 0, inUserNamespace: true)
        case .rootNamespaces: bubblewrapped(command, limits, bwrap: bwrap, userID: userID, inUserNamespace: false)
        case .landlock, .none: landlocked(command, userID: isRoot ? userID : 0)
        }
    }

    private static func bubblewrapped(
        _ command: WorkerCommand, _ limits: SandboxLimits, bwrap: String, userID: UInt32, inUserNamespace: Bool
    ) -> SandboxPlan {
        // With a dropped user the folders are shown under a stage of their own: that user has no right on the way to them.
        let isStaged = userID != 0 && inUserNamespace
        var stages: [Stage] = []
        func source(_ path: String, _ name: String) -> String {
            guard isStaged else { return path }
            stages.append(Stage(source: path, name: name))
            return "\(stageFolder)/\(name)"
        }
        let venv = source(command.environment, "venv")
        let worker = source(command.workerRoot, "worker")
        let interpreter = command.interpreterRoot.map { (source($0, "python"), $0) }

        var arguments = [bwrap]
        if inUserNamespace {
            arguments += ["--unshare-all", "--unshare-user", "--disable-userns", "--uid", "65534", "--gid", "65534", "--cap-drop", "ALL"]
        } else {
            arguments += ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--cap-drop", "ALL"]
            arguments += ["CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"].flatMap { ["--cap-add", $0] }
        }
        arguments += ["--die-with-parent", "--new-session", "--clearenv", "--hostname", "sandbox"]
        arguments += variables.flatMap { ["--setenv", $0.0, $0.1] }
        arguments += ["--ro-bind", "/usr", "/usr"]
        arguments += ["lib", "lib64", "bin"].flatMap { ["--symlink", "usr/\($0)", "/\($0)"] }
        arguments += ["--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"]
        if let (from, to) = interpreter { arguments += ["--ro-bind", from, to] }
        arguments += ["--ro-bind", venv, "/venv", "--ro-bind", worker, "/worker"]
        arguments += ["--proc", "/proc", "--dev", "/dev", "--size", "\(limits.temporaryBytes)", "--perms", "1777", "--tmpfs", "/tmp"]
        arguments += ["--size", "67108864", "--perms", "1777", "--tmpfs", "/dev/shm", "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/tmp"]
        arguments += ["--seccomp", "10", "--"]
        if !inUserNamespace {
            arguments += ["/usr/bin/setpriv", "--reuid", "\(userID)", "--regid", "\(userID)", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"]
            arguments += ["--no-new-privs"]
        }
        arguments += command.arguments(environment: "/venv", workerRoot: "/worker")
        var plan = SandboxPlan(arguments: arguments)
        plan.changesUserInside = !inUserNamespace
        plan.stageRoot = isStaged ? stageFolder : nil
        plan.stages = stages
        plan.userID = isStaged ? userID : 0
        return plan
    }

    private static func landlocked(_ command: WorkerCommand, userID: UInt32) -> SandboxPlan {
        var plan = SandboxPlan(
            arguments: command.arguments(environment: command.environment, workerRoot: command.workerRoot)
        )
        plan.environment = variables.map { "\($0.0)=\($0.1)" }
        plan.openPaths = ["/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", "/dev/urandom", command.environment, command.workerRoot]
            .map { OpenPath(path: $0, isWritable: false) }
        plan.openPaths.append(OpenPath(path: "/dev/null", isWritable: true))
        if let root = command.interpreterRoot { plan.openPaths.append(OpenPath(path: root, isWritable: false)) }
        plan.installsFilter = true
        plan.userID = userID
        return plan
    }
}
