#define _GNU_SOURCE
#include "CSandbox.h"
#include "landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { first_inherited = 3, filter_descriptor = 10, report_descriptor = 11, staged_maximum = 16 };

#define ATTEMPT(name, call)        \
    do {                           \
        *step = (name);            \
        if ((call) < 0) return -1; \
    } while (0)

static int limit(int resource, uint64_t value) {
    struct rlimit bounds = {.rlim_cur = value, .rlim_max = value};
    return setrlimit(resource, &bounds);
}

static int join_path(char *buffer, size_t size, const char *root, const char *name) {
    size_t left = strlen(root), right = strlen(name);
    if (left + right + 2 > size) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(buffer, root, left);
    buffer[left] = '/';
    memcpy(buffer + left + 1, name, right + 1);
    return 0;
}

/* "/proc/self/fd/N" without stdio, which is not async-signal-safe. */
static void descriptor_path(char *buffer, int descriptor) {
    static const char prefix[] = "/proc/self/fd/";
    memcpy(buffer, prefix, sizeof prefix - 1);
    char digits[12];
    int count = 0;
    do digits[count++] = (char)('0' + descriptor % 10);
    while (descriptor /= 10);
    char *end = buffer + sizeof prefix - 1;
    while (count > 0) *end++ = digits[--count];
    *end = 0;
}

/* Shows the sources in a mount namespace of our own, so that the dropped user needs no right on the way to them. */
static int stage_all(const csandbox_plan *plan, const char **step) {
    int sources[staged_maximum];
    if (plan->stage_count > staged_maximum) {
        *step = "stage";
        errno = E2BIG;
        return -1;
    }
    ATTEMPT("unshare mounts", unshare(CLONE_NEWNS));
    ATTEMPT("make mounts private", mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
    /* Opened in the new namespace, and before the stage may cover a source. */
    for (size_t index = 0; index < plan->stage_count; index++)
        ATTEMPT("open what is staged", sources[index] = open(plan->stages[index].source, O_PATH | O_CLOEXEC));
    ATTEMPT("mount the stage", mount("tmpfs", plan->stage_root, "tmpfs", MS_NOSUID | MS_NODEV, "size=1m,mode=755"));
    for (size_t index = 0; index < plan->stage_count; index++) {
        char target[4096], source[64];
        struct stat status;
        ATTEMPT("name the stage", join_path(target, sizeof target, plan->stage_root, plan->stages[index].name));
        ATTEMPT("look at what is staged", fstat(sources[index], &status));
        if (S_ISDIR(status.st_mode)) {
            ATTEMPT("make a stage", mkdir(target, 0755));
        } else {
            int file;
            ATTEMPT("make a stage", file = open(target, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0444));
            close(file);
        }
        descriptor_path(source, sources[index]);
        ATTEMPT("bind a stage", mount(source, target, NULL, MS_BIND | MS_REC, NULL));
        ATTEMPT("seal a stage", mount(NULL, target, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL));
    }
    return 0;
}

static int install_filter(int descriptor) {
    static struct sock_filter instructions[4096];
    ssize_t bytes = pread(descriptor, instructions, sizeof instructions, 0);
    if (bytes < 0) return -1;
    struct sock_fprog program = {.len = (unsigned short)((size_t)bytes / sizeof *instructions), .filter = instructions};
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

/* Moves a descriptor to a place without closing what another one still needs there: callers pass numbers above 20. */
static int place(int descriptor, int target) { return dup2(descriptor, target); }

static int become(const csandbox_plan *plan, const char **step) {
    for (size_t index = 0; index < plan->cgroup_count; index++) ATTEMPT("join a cgroup", write(plan->cgroup_fds[index], "0", 1));
    if (plan->stage_root && stage_all(plan, step) < 0) return -1;
    ATTEMPT("standard input", place(open("/dev/null", O_RDONLY), 0));
    ATTEMPT("standard output", place(plan->output_fd, 1));
    ATTEMPT("standard error", place(plan->output_fd, 2));
    ATTEMPT("request socket", place(plan->request_fd, first_inherited));
    ATTEMPT("file socket", place(plan->file_fd, first_inherited + 1));
    if (plan->filter_fd >= 0) ATTEMPT("filter", place(plan->filter_fd, filter_descriptor));
    ATTEMPT("close descriptors", syscall(SYS_close_range, first_inherited + 2, filter_descriptor - 1, 0));
    ATTEMPT("close descriptors", syscall(SYS_close_range, report_descriptor + 1, ~0U, 0));
    ATTEMPT("core limit", limit(RLIMIT_CORE, 0));
    ATTEMPT("memory lock limit", limit(RLIMIT_MEMLOCK, 65536));
    ATTEMPT("file size limit", limit(RLIMIT_FSIZE, plan->file_size));
    ATTEMPT("open files limit", limit(RLIMIT_NOFILE, plan->open_files));
    if (plan->address_space) ATTEMPT("address space limit", limit(RLIMIT_AS, plan->address_space));
    if (plan->uid) {
        ATTEMPT("process limit", limit(RLIMIT_NPROC, plan->processes));
        ATTEMPT("groups", setgroups(0, NULL));
        ATTEMPT("group", setresgid(plan->uid, plan->uid, plan->uid));
        ATTEMPT("user", setresuid(plan->uid, plan->uid, plan->uid));
    }
    ATTEMPT("parent death signal", prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0));
    if (plan->uid || plan->landlock_count) ATTEMPT("no new privileges", prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    if (plan->landlock_count) ATTEMPT("landlock", csandbox_landlock_restrict(plan->landlock_paths, plan->landlock_count));
    if (plan->install_filter) ATTEMPT("seccomp", install_filter(filter_descriptor));
    *step = "exec";
    execve(plan->argv[0], (char *const *)plan->argv, (char *const *)plan->envp);
    return -1;
}

static void reset_signals(void) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (int number = 1; number < 32; number++) {
        if (number != SIGKILL && number != SIGSTOP) signal(number, SIG_DFL);
    }
}

pid_t csandbox_spawn(const csandbox_plan *plan, csandbox_failure *failure) {
    csandbox_plan safe = *plan;
    int report[2];
    memset(failure, 0, sizeof *failure);
    failure->step = "pipe";
    if (pipe2(report, O_CLOEXEC) != 0) {
        failure->error = errno;
        return -1;
    }
    pid_t child = fork();
    if (child == 0) {
        reset_signals();
        /* Out of the way of the numbers that the child will use. */
        safe.request_fd = fcntl(plan->request_fd, F_DUPFD_CLOEXEC, 64);
        safe.file_fd = fcntl(plan->file_fd, F_DUPFD_CLOEXEC, 64);
        safe.output_fd = fcntl(plan->output_fd, F_DUPFD_CLOEXEC, 64);
        if (plan->filter_fd >= 0) safe.filter_fd = fcntl(plan->filter_fd, F_DUPFD_CLOEXEC, 64);
        int report_copy = fcntl(report[1], F_DUPFD_CLOEXEC, 64);
        dup3(report_copy, report_descriptor, O_CLOEXEC);
        const char *step = "begin";
        become(&safe, &step);
        csandbox_failure failed = {.step = step, .error = errno};
        ssize_t ignored = write(report_descriptor, &failed, sizeof failed);
        (void)ignored;
        _exit(127);
    }
    close(report[1]);
    if (child < 0) {
        failure->step = "fork";
        failure->error = errno;
        close(report[0]);
        return -1;
    }
    ssize_t count;
    do count = read(report[0], failure, sizeof *failure);
    while (count < 0 && errno == EINTR);
    close(report[0]);
    if (count == 0) return child; /* exec closed the pipe */
    waitpid(child, NULL, 0);
    return -1;
}

int csandbox_send_descriptors(int socket, const int *descriptors, size_t count) {
    char byte = 0;
    char control[CMSG_SPACE(sizeof(int) * 8)];
    if (count == 0 || count > 8) {
        errno = EINVAL;
        return -1;
    }
    memset(control, 0, sizeof control);
    struct iovec data = {.iov_base = &byte, .iov_len = 1};
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = CMSG_SPACE(sizeof(int) * count)};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int) * count);
    memcpy(CMSG_DATA(header), descriptors, sizeof(int) * count);
    return sendmsg(socket, &message, MSG_NOSIGNAL) == 1 ? 0 : -1;
}
