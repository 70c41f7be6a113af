/* bench.h - what the benchmark asks of a contender; private to core/bench.
 *
 * Every contender decodes the same prebuilt bytes of one client and tells what it saw, so that a
 * fast wrong answer is an error and no result.  Only this program's adapters may be C++.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { BENCH_READ = 65536, BENCH_MESSAGE_MAX = 1 << 21 };

/* The bytes of one client, whole messages only. */
struct bench_stream {
    const char *name;
    uint8_t *bytes;
    size_t len;
    size_t read; /* bytes that one read gives at most */
    size_t frames, messages;
    uint64_t payload; /* of all frames */
    uint64_t digest;  /* of all payload and message ends */
};

/* Stands for the socket. */
struct bench_source {
    const uint8_t *p;
    size_t left, read;
};

static inline size_t bench_read(struct bench_source *source, void *into, size_t size)
{
    size_t n = source->left < source->read ? source->left : source->read;
    n = n < size ? n : size;
    if (n == 1) /* a call would take longer than most decoders */
        *(uint8_t *)into = *source->p;
    else
        memcpy(into, source->p, n);
    source->p += n;
    source->left -= n;
    return n;
}

/* What came out.  The digest costs more than any decoder: it is asked for once, not while time
 * runs. */
struct bench_seen {
    uint64_t messages, bytes, digest;
    bool digesting;
};

/* Depends on the bytes and on where messages end, not on how they are cut. */
static inline uint64_t bench_digest(uint64_t digest, const void *data, size_t len)
{
    for (size_t i = 0; i < len; i++)
        digest = (digest ^ ((const uint8_t *)data)[i]) * UINT64_C(0x100000001b3);
    return digest;
}

static inline void bench_see(struct bench_seen *seen, const void *data, size_t len, bool last)
{
    seen->bytes += len;
    seen->messages += last;
    if (seen->digesting)
        seen->digest = bench_digest(seen->digest, data, len) + last;
}

/* Decodes one stream after the other; NULL members are what it does not do. */
struct bench_contender {
    const char *name;
    void *(*open)(void);
    void (*close)(void *state);
    void (*frames)(void *state, const struct bench_stream *stream, struct bench_seen *seen);
    bool (*utf8)(const uint8_t *data, size_t len);
    bool (*handshake)(const uint8_t *data, size_t len);
};

extern const struct bench_contender bench_wsc, bench_wsc_findings, bench_wsc_conn, bench_wslay,
    bench_beast, bench_websocketpp;

/* Streams are made from a fixed seed; the caller frees `bytes`. */
enum bench_kind { BENCH_BINARY, BENCH_ASCII, BENCH_KOREAN };
void bench_stream_make(struct bench_stream *stream, enum bench_kind kind, size_t size);
void bench_stream_mixed(struct bench_stream *stream);
void bench_text(uint8_t *out, size_t len, enum bench_kind kind);
extern const char bench_request[]; /* a browser's, 544 bytes */

#ifdef __cplusplus
}
#endif

#endif
