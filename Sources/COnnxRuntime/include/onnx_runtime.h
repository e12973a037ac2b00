#pragma once
/* The part of ONNX Runtime's C API that the worker uses: places in its versioned table of functions, which only ever grows at its end.
   Source: onnxruntime_c_api.h, https://onnxruntime.ai/docs/api/c/ ; the table of version 1 has the places 0 to 101. */
#include <stddef.h>
#include <stdint.h>

typedef struct ort_status ort_status;
typedef struct ort_env ort_env;
typedef struct ort_session ort_session;
typedef struct ort_session_options ort_session_options;
typedef struct ort_value ort_value;
typedef struct ort_type_info ort_type_info;
typedef struct ort_tensor_info ort_tensor_info;
typedef struct ort_map_info ort_map_info;
typedef struct ort_sequence_info ort_sequence_info;
typedef struct ort_memory_info ort_memory_info;
typedef struct ort_allocator ort_allocator;

/* A status is NULL when the call succeeded; the number behind each function is its place. */
typedef struct {
    void *unused_0[1];
    int (*get_error_code)(const ort_status *); /* 1 */
    const char *(*get_error_message)(const ort_status *); /* 2 */
    ort_status *(*create_env)(int severity, const char *log_id, ort_env **); /* 3 */
    void *unused_4[4];
    ort_status *(*create_session_from_array)(const ort_env *, const void *model, size_t bytes, const ort_session_options *, ort_session **); /* 8 */
    ort_status *(*run)(ort_session *, const void *run_options, const char *const *input_names, const ort_value *const *inputs, size_t input_count, const char *const *output_names, size_t output_count, ort_value **outputs); /* 9 */
    ort_status *(*create_session_options)(ort_session_options **); /* 10 */
    void *unused_11[8];
    ort_status *(*disable_cpu_arena)(ort_session_options *); /* 19 */
    void *unused_20[2];
    ort_status *(*set_log_severity)(ort_session_options *, int severity); /* 22 */
    ort_status *(*set_graph_optimization)(ort_session_options *, int level); /* 23 */
    ort_status *(*set_intra_op_threads)(ort_session_options *, int threads); /* 24 */
    ort_status *(*set_inter_op_threads)(ort_session_options *, int threads); /* 25 */
    void *unused_26[4];
    ort_status *(*get_input_count)(const ort_session *, size_t *); /* 30 */
    ort_status *(*get_output_count)(const ort_session *, size_t *); /* 31 */
    void *unused_32[1];
    ort_status *(*get_input_type)(const ort_session *, size_t index, ort_type_info **); /* 33 */
    ort_status *(*get_output_type)(const ort_session *, size_t index, ort_type_info **); /* 34 */
    void *unused_35[1];
    ort_status *(*get_input_name)(const ort_session *, size_t index, ort_allocator *, char **); /* 36 */
    ort_status *(*get_output_name)(const ort_session *, size_t index, ort_allocator *, char **); /* 37 */
    void *unused_38[10];
    ort_status *(*create_tensor)(ort_allocator *, const int64_t *shape, size_t rank, int element_type, ort_value **); /* 48 */
    ort_status *(*create_tensor_with_data)(const ort_memory_info *, void *data, size_t bytes, const int64_t *shape, size_t rank, int element_type, ort_value **); /* 49 */
    void *unused_50[1];
    ort_status *(*get_tensor_data)(ort_value *, void **); /* 51 */
    ort_status *(*fill_strings)(ort_value *, const char *const *texts, size_t count); /* 52 */
    ort_status *(*get_strings_length)(const ort_value *, size_t *bytes); /* 53 */
    ort_status *(*get_strings)(const ort_value *, void *bytes, size_t length, size_t *offsets, size_t count); /* 54 */
    ort_status *(*as_tensor_info)(const ort_type_info *, const ort_tensor_info **); /* 55 */
    ort_status *(*get_kind)(const ort_type_info *, int *); /* 56 */
    void *unused_57[3];
    ort_status *(*get_element_type)(const ort_tensor_info *, int *); /* 60 */
    ort_status *(*get_rank)(const ort_tensor_info *, size_t *); /* 61 */
    ort_status *(*get_extents)(const ort_tensor_info *, int64_t *, size_t rank); /* 62 */
    void *unused_63[2];
    ort_status *(*get_tensor_info)(const ort_value *, ort_tensor_info **); /* 65 */
    void *unused_66[1];
    ort_status *(*get_value_kind)(const ort_value *, int *); /* 67 */
    void *unused_68[1];
    ort_status *(*create_cpu_memory_info)(int allocator, int memory, ort_memory_info **); /* 69 */
    void *unused_70[6];
    ort_status *(*allocator_free)(ort_allocator *, void *); /* 76 */
    void *unused_77[1];
    ort_status *(*get_default_allocator)(ort_allocator **); /* 78 */
    void *unused_79[1];
    ort_status *(*get_item)(const ort_value *, int index, ort_allocator *, ort_value **); /* 80 */
    ort_status *(*get_item_count)(const ort_value *, size_t *); /* 81 */
    ort_status *(*create_value)(const ort_value *const *items, size_t count, int kind, ort_value **); /* 82 */
    void *unused_83[10];
    void (*release_status)(ort_status *); /* 93 */
    void (*release_memory_info)(ort_memory_info *); /* 94 */
    void (*release_session)(ort_session *); /* 95 */
    void (*release_value)(ort_value *); /* 96 */
    void *unused_97[1];
    void (*release_type_info)(ort_type_info *); /* 98 */
    void (*release_tensor_info)(ort_tensor_info *); /* 99 */
    void (*release_session_options)(ort_session_options *); /* 100 */
    void *unused_101[2];
    ort_status *(*as_map_info)(const ort_type_info *, const ort_map_info **); /* 103 */
    ort_status *(*as_sequence_info)(const ort_type_info *, const ort_sequence_info **); /* 104 */
    ort_status *(*get_map_key)(const ort_map_info *, int *element_type); /* 105 */
    ort_status *(*get_map_value)(const ort_map_info *, ort_type_info **); /* 106 */
    ort_status *(*get_sequence_item)(const ort_sequence_info *, ort_type_info **); /* 107 */
    void *unused_108[22];
    ort_status *(*add_config_entry)(ort_session_options *, const char *key, const char *value); /* 130 */
} ort_api;

_Static_assert(offsetof(ort_api, run) == 9 * sizeof(void *), "place of Run");
_Static_assert(offsetof(ort_api, get_tensor_data) == 51 * sizeof(void *), "place of GetTensorMutableData");
_Static_assert(offsetof(ort_api, create_value) == 82 * sizeof(void *), "place of CreateValue");
_Static_assert(offsetof(ort_api, get_sequence_item) == 107 * sizeof(void *), "place of GetSequenceElementType");
_Static_assert(offsetof(ort_api, release_session_options) == 100 * sizeof(void *), "place of ReleaseSessionOptions");
_Static_assert(offsetof(ort_api, add_config_entry) == 130 * sizeof(void *), "place of AddSessionConfigEntry");

/* Opens the library at `path`. NULL when it cannot be opened or is older than the table above: `*error` says why.
   `*version` gets the library's own words, as in 1.23.2. */
const ort_api *onnx_runtime_open(const char *path, const char **version, const char **error);

/* Puts a compiled seccomp program (8 bytes an instruction) over all threads of the process. -1 with errno on failure. */
int onnx_worker_seal(const uint8_t *program, size_t bytes);

/* Waits for `count` descriptors on a socket, with one byte. The number received, -1 with errno on failure. */
int onnx_worker_receive_descriptors(int socket, int *descriptors, int count);

/* Whether `word` stands anywhere in the bytes. */
int onnx_worker_finds(const uint8_t *bytes, size_t count, const char *word);
