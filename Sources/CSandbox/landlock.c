#define _GNU_SOURCE
#include "CSandbox.h"
#include "landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Rights and scopes that Debian 12's header does not name yet; https://docs.kernel.org/userspace-api/landlock.html */
#define FS_REFER (1ULL << 13)
#define FS_TRUNCATE (1ULL << 14)
#define FS_IOCTL_DEV (1ULL << 15)
#define NET_ALL 3ULL
#define SCOPE_ALL 3ULL

struct ruleset {
    uint64_t fs, net, scoped;
};

int csandbox_landlock_abi(void) {
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    return abi < 0 ? 0 : (int)abi;
}

int csandbox_landlock_restrict(const csandbox_path *paths, size_t count) {
    int abi = csandbox_landlock_abi();
    if (abi < 1) {
        errno = ENOSYS;
        return -1;
    }
    const uint64_t read = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
    uint64_t all = (1ULL << 13) - 1;
    if (abi >= 2) all |= FS_REFER;
    if (abi >= 3) all |= FS_TRUNCATE;
    if (abi >= 5) all |= FS_IOCTL_DEV;
    struct ruleset rules = {.fs = all, .net = abi >= 4 ? NET_ALL : 0, .scoped = abi >= 6 ? SCOPE_ALL : 0};
    size_t size = abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0);
    if (ruleset < 0) return -1;
    for (size_t index = 0; index < count; index++) {
        int path = open(paths[index].path, O_PATH | O_CLOEXEC);
        if (path < 0) {
            if (errno == ENOENT) continue;
            return -1;
        }
        struct stat status;
        if (fstat(path, &status) != 0) return -1;
        uint64_t access = paths[index].writable ? all & ~FS_REFER & ~FS_IOCTL_DEV : read;
        if (!S_ISDIR(status.st_mode))
            access &= LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE;
        struct landlock_path_beneath_attr rule = {.allowed_access = access & all, .parent_fd = path};
        if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0) return -1;
        close(path);
    }
    if (syscall(SYS_landlock_restrict_self, ruleset, 0) != 0) return -1;
    return close(ruleset);
}
