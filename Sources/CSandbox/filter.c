#define _GNU_SOURCE
#include "CSandbox.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* What no model ever needs: other processes' memory, kernel surfaces with a history, namespaces, the clock. */
static const char *const refused_always[] = {
    "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "kcmp", "pidfd_getfd",
    "mount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr",
    "unshare", "setns", "bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register",
    "add_key", "request_key", "keyctl", "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module",
    "reboot", "swapon", "swapoff", "syslog", "acct", "quotactl", "personality", "settimeofday", "clock_settime", "clock_adjtime",
    "adjtimex", "sethostname", "setdomainname", "iopl", "ioperm", "mknod", "mknodat", "name_to_handle_at", "open_by_handle_at",
    "lookup_dcookie", "vhangup", "fanotify_init", "nfsservctl", "modify_ldt", "migrate_pages", "move_pages", "mbind", "set_mempolicy",
};

/* Changing users: left open at level B, where setpriv does so inside the sandbox; refused there with the model. */
static const char *const refused_users[] = {
    "setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setgroups", "setfsuid", "setfsgid", "capset",
};

/* What a loaded model does not need either: other programs, other processes, new sockets. */
static const char *const refused_with_model[] = {
    "execve", "execveat", "fork", "vfork", "kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_open", "pidfd_send_signal",
    "memfd_create", "memfd_secret", "socket", "socketpair", "connect", "bind", "listen", "accept", "accept4", "setsid", "setpgid",
    "prlimit64", "setrlimit", "setpriority", "sched_setaffinity", "chmod", "fchmod", "fchmodat", "chown", "fchown", "lchown", "fchownat",
};

static int refuse(scmp_filter_ctx context, const char *const *names, size_t count) {
    for (size_t index = 0; index < count; index++) {
        int number = seccomp_syscall_resolve_name(names[index]);
        if (number == __NR_SCMP_ERROR) continue; /* not on this architecture */
        int code = seccomp_rule_add(context, SCMP_ACT_ERRNO(EPERM), number, 0);
        if (code < 0 && code != -EDOM) return code;
    }
    return 0;
}

int csandbox_filter(int stage) {
    scmp_filter_ctx context = seccomp_init(SCMP_ACT_ALLOW);
    if (!context) {
        errno = ENOMEM;
        return -1;
    }
    int code = refuse(context, refused_always, sizeof refused_always / sizeof *refused_always);
    if (code >= 0 && stage != 0) code = refuse(context, refused_users, sizeof refused_users / sizeof *refused_users);
    /* The flags of clone3 lie in memory, where a filter cannot read: glibc falls back to clone. */
    if (code >= 0) code = seccomp_rule_add(context, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    if (code >= 0)
        code = seccomp_rule_add(context, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1, SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_NEWUSER, CLONE_NEWUSER));
    if (code >= 0 && stage <= 1)
        code = seccomp_rule_add(context, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_NE, AF_UNIX));
    if (code >= 0 && stage == 2) {
        code = refuse(context, refused_with_model, sizeof refused_with_model / sizeof *refused_with_model);
        if (code >= 0)
            code = seccomp_rule_add(context, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1, SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
    }
    int descriptor = code < 0 ? -1 : memfd_create("seccomp", MFD_CLOEXEC);
    if (descriptor >= 0) {
        code = seccomp_export_bpf(context, descriptor);
        if (code >= 0 && lseek(descriptor, 0, SEEK_SET) != 0) code = -errno;
    } else if (code >= 0) {
        code = -errno;
    }
    seccomp_release(context);
    if (code < 0) {
        if (descriptor >= 0) close(descriptor);
        errno = -code;
        return -1;
    }
    return descriptor;
}
