#define _GNU_SOURCE
#include "onnx_runtime.h"
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int onnx_worker_seal(const uint8_t *program, size_t bytes) {
    struct sock_fprog filter = {.len = (unsigned short)(bytes / sizeof(struct sock_filter)), .filter = (struct sock_filter *)program};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return -1;
    long result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter);
    if (result > 0) errno = ESRCH; /* the number of a thread that could not be sealed */
    return result == 0 ? 0 : -1;
}

int onnx_worker_receive_descriptors(int socket, int *descriptors, int count) {
    char byte;
    char control[CMSG_SPACE(16 * sizeof(int))];
    struct iovec data = {.iov_base = &byte, .iov_len = 1};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    if (count > 16) {
        errno = E2BIG;
        return -1;
    }
    ssize_t received;
    do received = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    while (received < 0 && errno == EINTR);
    if (received <= 0) return -1;
    for (struct cmsghdr *part = CMSG_FIRSTHDR(&message); part; part = CMSG_NXTHDR(&message, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
        int found = (int)((part->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        if (found > count) found = count;
        memcpy(descriptors, CMSG_DATA(part), (size_t)found * sizeof(int));
        return found;
    }
    return 0;
}

int onnx_worker_finds(const uint8_t *bytes, size_t count, const char *word) { return memmem(bytes, count, word, strlen(word)) != NULL; }
