#include "onnx_runtime.h"
#include <dlfcn.h>

/* AddSessionConfigEntry came with version 6 of the API; 12 is asked for, which every library of the last years has. */
enum { api_version = 12 };

struct api_base {
    const ort_api *(*get_api)(uint32_t version);
    const char *(*get_version)(void);
};

const ort_api *onnx_runtime_open(const char *path, const char **version, const char **error) {
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        *error = dlerror();
        return NULL;
    }
    const struct api_base *(*get_base)(void) = (const struct api_base *(*)(void))dlsym(library, "OrtGetApiBase");
    if (!get_base) {
        *error = "the library has no OrtGetApiBase";
        return NULL;
    }
    const struct api_base *base = get_base();
    *version = base->get_version();
    const ort_api *api = base->get_api(api_version);
    if (!api) *error = "the library is older than version 12 of its API";
    return api;
}
