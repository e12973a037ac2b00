#pragma once
#include <bzlib.h>
#include <lz4frame.h>
#include <lzma.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <zlib.h>

/* zlib's initialiser is a macro, which Swift cannot import. 15 + 32: zlib and gzip headers, told apart by zlib. */
static inline int martlet_inflate_init(z_stream *stream) { return inflateInit2(stream, 15 + 32); }

/* Without a header of its own, as zip members have it. */
static inline int martlet_inflate_raw_init(z_stream *stream) { return inflateInit2(stream, -15); }

/* Raw LZMA or LZMA2 behind up to three filters, as 7z archives hold them: `ids` in liblzma's order (LZMA last), the bytes of their
   properties one after the other. LZMA1 data need not mark its end: `size` says where it is (LZMA_FILTER_LZMA1EXT, liblzma 5.4). */
static inline lzma_ret martlet_lzma_raw_init(
    lzma_stream *stream, const lzma_vli *ids, const uint8_t *properties, const ssize_t *counts, ssize_t steps, uint64_t size, uint64_t memory_limit) {
    lzma_filter filters[LZMA_FILTERS_MAX + 1];
    if (steps > LZMA_FILTERS_MAX) return LZMA_OPTIONS_ERROR;
    lzma_ret code = LZMA_OK;
    ssize_t made = 0;
    for (; made < steps && code == LZMA_OK; properties += counts[made], made++) {
        filters[made] = (lzma_filter){.id = ids[made], .options = NULL};
        code = lzma_properties_decode(&filters[made], NULL, properties, (size_t)counts[made]);
        if (code == LZMA_OK && ids[made] == LZMA_FILTER_LZMA1) {
            lzma_options_lzma *options = filters[made].options;
            filters[made].id = LZMA_FILTER_LZMA1EXT;
            options->ext_flags = LZMA_LZMA1EXT_ALLOW_EOPM;
            options->ext_size_low = (uint32_t)size;
            options->ext_size_high = (uint32_t)(size >> 32);
        }
    }
    filters[made].id = LZMA_VLI_UNKNOWN;
    if (code == LZMA_OK)
        code = lzma_raw_decoder_memusage(filters) > memory_limit ? LZMA_MEMLIMIT_ERROR : lzma_raw_decoder(stream, filters);
    for (ssize_t step = 0; step < made; step++) free(filters[step].options);
    return code;
}

/* LZMA_STREAM_INIT is a macro; its value is all zero. */
static inline lzma_stream martlet_lzma_stream(void) {
    lzma_stream stream = LZMA_STREAM_INIT;
    return stream;
}
