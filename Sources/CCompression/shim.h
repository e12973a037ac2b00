#pragma once
#include <bzlib.h>
#include <lz4frame.h>
#include <lzma.h>
#include <string.h>
#include <zlib.h>

/* zlib's initialiser is a macro, which Swift cannot import. 15 + 32: zlib and gzip headers, told apart by zlib. */
static inline int martlet_inflate_init(z_stream *stream) { return inflateInit2(stream, 15 + 32); }

/* Without a header of its own, as zip members have it. */
static inline int martlet_inflate_raw_init(z_stream *stream) { return inflateInit2(stream, -15); }

/* LZMA_STREAM_INIT is a macro; its value is all zero. */
static inline lzma_stream martlet_lzma_stream(void) {
    lzma_stream stream = LZMA_STREAM_INIT;
    return stream;
}
