/* How long a tensor takes to a worker and its answer back: through the socket, or through memory that both see, with the socket for word of it.
   One process answers, as a worker does; the request is written, read, and one value answered. Turns of both ways in one run.

       cc -O2 -o /tmp/shared_memory Benchmarks/shared_memory.c && /tmp/shared_memory                                                       */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 7, WARM = 50 };
static const size_t sizes[] = {1 << 10, 16 << 10, 64 << 10, 85 << 10, 256 << 10, 600 << 10, 1 << 20, 4 << 20};

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e6 + time.tv_nsec / 1e3;
}

static void all(int socket, void *bytes, size_t size, int isWriting) {
    for (size_t done = 0; done < size;) {
        ssize_t part = isWriting ? write(socket, (char *)bytes + done, size - done) : read(socket, (char *)bytes + done, size - done);
        if (part <= 0) _exit(0);
        done += part;
    }
}

static double sum(const uint8_t *bytes, size_t size) { return bytes[0] + bytes[size / 2] + bytes[size - 1]; }

struct word { size_t size; int isShared; };

static void answer(int socket, uint8_t *shared) {
    uint8_t *own = malloc(4 << 20);
    for (;;) {
        struct word word;
        all(socket, &word, sizeof word, 0);
        /* The worker copies out of what it shares: the server may already write the next request there. */
        if (word.isShared) memcpy(own, shared, word.size); else all(socket, own, word.size, 0);
        double value = sum(own, word.size);
        all(socket, &value, sizeof value, 1);
    }
}

static double trip(int socket, uint8_t *shared, const uint8_t *tensor, size_t size, int isShared, int times) {
    double start = now();
    for (int turn = 0; turn < times; turn++) {
        struct word word = {size, isShared};
        if (isShared) memcpy(shared, tensor, size);
        all(socket, &word, sizeof word, 1);
        if (!isShared) all(socket, (void *)tensor, size, 1);
        double value;
        all(socket, &value, sizeof value, 0);
        if (value != sum(tensor, size)) abort();
    }
    return (now() - start) / times;
}

static int rising(const void *one, const void *other) { return *(double *)one < *(double *)other ? -1 : 1; }

int main(void) {
    int sockets[2];
    socketpair(AF_UNIX, SOCK_STREAM, 0, sockets);
    int memory = memfd_create("tensor", 0);
    if (ftruncate(memory, 4 << 20)) return 1;
    uint8_t *shared = mmap(NULL, 4 << 20, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
    if (fork() == 0) answer(sockets[1], shared);
    close(sockets[1]);
    uint8_t *tensor = malloc(4 << 20);
    for (size_t place = 0; place < 4 << 20; place++) tensor[place] = place * 31;
    printf("| bytes | socket, us | shared memory, us | times faster |\n|---|---|---|---|\n");
    for (size_t each = 0; each < sizeof sizes / sizeof *sizes; each++) {
        int times = sizes[each] > 500000 ? 300 : 2000;
        double found[2][ROUNDS];
        for (int way = 0; way < 2; way++) trip(sockets[0], shared, tensor, sizes[each], way, WARM);
        for (int round = 0; round < ROUNDS; round++)
            for (int way = 0; way < 2; way++) found[way][round] = trip(sockets[0], shared, tensor, sizes[each], way, times);
        for (int way = 0; way < 2; way++) qsort(found[way], ROUNDS, sizeof(double), rising);
        printf("| %zu | %.1f | %.1f | %.2f |\n", sizes[each], found[0][ROUNDS / 2], found[1][ROUNDS / 2], found[0][ROUNDS / 2] / found[1][ROUNDS / 2]);
    }
}
