#pragma once
#include "CSandbox.h"

/* Closes the file system, TCP and signals to the calling thread, but for `paths`. Returns 0, or -1 with errno set. */
int csandbox_landlock_restrict(const csandbox_path *paths, size_t count);
