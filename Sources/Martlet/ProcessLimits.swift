internal import CMalloc
internal import Glibc

/// What one thread allocates another one frees; with eight arenas for each core, glibc's own choice, most of that memory would lie idle.
enum MemoryArenas {
    static func limit() {
        mallopt(M_ARENA_MAX, Int32(clamping: max(2, sysconf(Int32(_SC_NPROCESSORS_ONLN)))))
    }
}

/// Each connection is an open file; the soft limit of most systems is a thousand.
enum OpenFiles {
    static func allowAll() {
        var limits = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits) == 0 else { return }
        limits.rlim_cur = limits.rlim_max
        unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits)
    }
}

/// A dump of the memory would hold keys and tokens.
enum CoreDumps {
    static func forbid() {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    }
}
