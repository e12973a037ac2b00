#pragma once
#include <bzlib.h>
#include <lz4frame.h>
#include <lzma.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* zlib's initialiser is a macro, which Swift cannot import. 15 + 32: zlib and gzip headers, told apart by zlib. */
static inline int martlet_inflate_init(z_stream *stream) { return inflateInit2(stream, 15 + 32); }

/* Without a header of its own, as zip members have it. */
static inline int martlet_inflate_raw_init(z_stream *stream) { return inflateInit2(stream, -15); }

/* LZMA or LZMA2 data without a container, as 7z archives hold it; `properties` are those of the archive. */
static inline lzma_ret martlet_lzma_raw_init(lzma_stream *stream, int is_second, const uint8_t *properties, size_t count, uint64_t memory_limit) {
    lzma_filter filters[2] = {{.id = is_second ? LZMA_FILTER_LZMA2 : LZMA_FILTER_LZMA1, .options = NULL}, {.id = LZMA_VLI_UNKNOWN, .options = NULL}};
    lzma_ret code = lzma_properties_decode(&filters[0], NULL, properties, count);
    if (code != LZMA_OK) return code;
    code = lzma_raw_decoder_memusage(filters) > memory_limit ? LZMA_MEMLIMIT_ERROR : lzma_raw_decoder(stream, filters);
    free(filters[0].options);
    return code;
}

/* LZMA_STREAM_INIT is a macro; its value is all zero. */
static inline lzma_stream martlet_lzma_stream(void) {
    lzma_stream stream = LZMA_STREAM_INIT;
    return stream;
}
