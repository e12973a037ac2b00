/* Starts a child process behind the walls that a plan describes. Everything between fork and exec is in C, since only
   async-signal-safe calls are allowed there. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A folder or file that the child's private mount namespace shows under `stage_root/name`, read-only. */
typedef struct {
    const char *source;
    const char *name;
} csandbox_stage;

/* A path that Landlock leaves open. */
typedef struct {
    const char *path;
    int writable;
} csandbox_path;

typedef struct {
    const char *const *argv;
    const char *const *envp;
    int request_fd;            /* becomes descriptor 3 */
    int file_fd;               /* becomes descriptor 4 */
    int output_fd;             /* becomes standard output and standard error */
    int filter_fd;             /* becomes descriptor 10: a seccomp program; -1 for none */
    int install_filter;        /* install the program here instead of leaving it to bubblewrap */
    uid_t uid;                 /* 0: keep the current user */
    const int *cgroup_fds;     /* open cgroup.procs files that the child writes itself into */
    size_t cgroup_count;
    const char *stage_root;    /* NULL: no staging */
    const csandbox_stage *stages;
    size_t stage_count;
    const csandbox_path *landlock_paths;
    size_t landlock_count;     /* 0: no Landlock */
    uint64_t address_space;    /* bytes, 0: unlimited */
    uint64_t file_size;        /* bytes */
    uint64_t open_files;
    uint64_t processes;
} csandbox_plan;

/* Where a start failed; the errno goes with it. */
typedef struct {
    const char *step;
    int error;
} csandbox_failure;

/* Starts the child and waits until its exec succeeded or failed. Returns its pid, or -1 with *failure filled. */
pid_t csandbox_spawn(const csandbox_plan *plan, csandbox_failure *failure);

/* Compiles the seccomp program of stage 1 (before the interpreter starts; 0: the same, but users may still be changed)
   or 2 (before the model is opened) into a memfd. Returns -1 with errno set. */
int csandbox_filter(int stage);

/* A file in memory that can be sealed. Returns -1 with errno set. */
int csandbox_memory_file(void);

/* Lets nobody write to the file in memory any more, or change its size. Returns 0, or -1 with errno set. */
int csandbox_seal(int descriptor);

/* The version of the Landlock ABI, 0 when the kernel has none. */
int csandbox_landlock_abi(void);

/* Sends `count` descriptors in one message over a Unix socket. Returns 0, or -1 with errno set. */
int csandbox_send_descriptors(int socket, const int *descriptors, size_t count);
