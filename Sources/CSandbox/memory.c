#define _GNU_SOURCE
#include "CSandbox.h"

#include <fcntl.h>
#include <sys/mman.h>

int csandbox_memory_file(void) {
    return memfd_create("model", MFD_CLOEXEC | MFD_ALLOW_SEALING);
}

int csandbox_seal(int descriptor) {
    return fcntl(descriptor, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
}
